"""Draws docs/performance.svg: the ratios as bars, with the aims."""
from peers import C, OURS, PUB, PYTHON, RAW
from results import rows

COLOURS = {OURS: "#1f6feb", RAW: "#8250df", C: "#2da44e", PUB: "#8c959f", PYTHON: "#d4a72c"}
LEFT, WIDTH, BAR, GAP = 250, 900, 9, 12
SPAN = WIDTH - LEFT - 110


class Panel:
    """Bars relative to one program, up to a ratio of most."""

    def __init__(self, title, to, most, ticks, measures):
        self.title, self.to, self.most, self.ticks, self.measures = title, to, most, ticks, measures


PANELS = (
    Panel("Throughput, relative to a raw socket (more is better)", RAW, 1.25, (0, 0.25, 0.5, 0.75, 1), ("burst 1", "burst 16", "burst 1000", "spool 16")),
    Panel("Cost, relative to a C program on libmosquitto (less is better)", C, 8, (0, 1, 2, 4, 6, 8),
          ("cpu 1×1", "cpu 10×10", "cpu 100×1", "cpu 1,000×1", "first")),
)


def write(path, results):
    parts, y = [], 34
    for panel in PANELS:
        parts.append(f'<text x="12" y="{y}" class="title">{panel.title}</text>')
        y = draw(parts, panel, results, y + 18) + 38
    y = legend(parts, y - 10)
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="12">\n'
            "<style>.title{font-size:15px;font-weight:bold}.small{font-size:10px;fill:#57606a}.number{paint-order:stroke;stroke:#fff;stroke-width:3px}</style>\n"
            f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>\n')
    path.write_text(head + "\n".join(parts) + "\n</svg>\n")


def draw(parts, panel, results, y):
    """Draws a panel from y on and returns where it ends."""
    top, bars, labels = y, [], []
    by_measure = {row.measure: row for row in rows()}
    for measure in panel.measures:
        row = by_measure[measure]
        base = row.of or measure
        names = [n for n in COLOURS if results.values[measure].get(n) and n != panel.to and results.values[base].get(panel.to)]
        start = y
        aims = [at(panel, aim.bound) for aim in row.aims if aim.to == panel.to]
        for name in names:
            low, middle, high = results.ratio(measure, name, panel.to, row.of)
            bars.append(bar(panel, name, low, middle, high, y))
            labels.append(label(panel, middle, high, y, aims if name == names[0] else []))
            y += BAR + 2
        bars.append(f'<text x="{LEFT - 10}" y="{(start + y) / 2 + 3}" text-anchor="end">{row.title}</text>')
        bars += [f'<path d="M{x:.1f} {start - 3}V{start + BAR + 3}" stroke="#cf222e" stroke-width="3"/>' for x in aims]
        y += GAP
    for tick in panel.ticks:
        x = at(panel, tick)
        parts.append(f'<path d="M{x:.1f} {top - 6}V{y - 4}" stroke="{"#57606a" if tick == 1 else "#d0d7de"}"/>'
                     f'<text x="{x:.1f}" y="{y + 8}" text-anchor="middle" class="small">{tick:g}</text>')
    parts.extend(bars + labels)
    return y


def bar(panel, name, low, middle, high, y):
    """A bar to the median with a whisker between the quartiles; one that is too
    long is cut."""
    end = at(panel, min(middle, panel.most))
    text = f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" fill="{COLOURS[name]}"/>'
    if high <= panel.most:
        text += f'<path d="M{at(panel, low):.1f} {y + BAR / 2}H{at(panel, high):.1f}" stroke="#24292f" stroke-width="1.5"/>'
    return text


def label(panel, middle, high, y, aims):
    """The number of a bar, right of it and of an aim that would cross it."""
    x = at(panel, min(max(middle, high), panel.most)) + 5
    for aim in aims:
        if x - 3 < aim < x + 26:
            x = aim + 5
    more = " →" if middle > panel.most else ""
    return f'<text x="{x:.1f}" y="{y + BAR}" class="small number">{middle:.2f}{more}</text>'


def at(panel, ratio):
    return LEFT + ratio / panel.most * SPAN


def legend(parts, y):
    x = 12
    for name, colour in COLOURS.items():
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/><text x="{x + 15}" y="{y}">{name}</text>')
        x += 30 + 8 * len(name)
    parts.append(f'<path d="M{x} {y - 11}v13" stroke="#cf222e" stroke-width="3"/><text x="{x + 8}" y="{y}">aim of sensorpub</text>')
    parts.append(f'<path d="M{x + 125} {y - 4}h16" stroke="#24292f" stroke-width="1.5"/><text x="{x + 147}" y="{y}">between the quartiles</text>')
    return y + 14
