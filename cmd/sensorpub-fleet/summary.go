package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// summary returns what came of the run, in Markdown.
func (f *fleet) summary(v *verdict) string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, fmt.Sprintf(format, args...))
	}
	took := f.ended.Sub(f.begin)
	fmt.Fprintf(&b, "| %v, one reading each %s | |\n|---|--:|\n", took.Round(time.Second), short(f.opt.interval))
	row("nodes", "%s: %s processes, %s in one process", number(v.nodes), number(len(f.processes)), number(len(f.nodes)))
	row("readings accepted", "%s", number(v.accepted))
	row("arrived", "%s", number(v.arrived))
	row("**lost**", "**%s**", number(v.lost))
	row("dropped; still queued at the end", "%s; %s", number(v.dropped), number(v.waiting))
	row("out of order", "%s", number(v.disorder))
	row("readings that no node had sent", "%s", number(v.strange))
	row("duplicates", "%s", number(v.duplicates))
	row("the newest reading repeated, as promised, on a new connection", "%s", number(v.repeats))
	late := number(v.retainedLate)
	if v.retainedLate > 0 {
		late += " within " + short(v.retainedWithin)
	}
	row("retained values: newest on every broker; only when asked again; wrong", "%s; %s; %s",
		number(v.retainedRight), late, number(v.retainedWrong))
	row("retained statuses before and after the stop: right; wrong", "%s; %s", number(v.statusRight), number(v.statusWrong))
	all := f.latency.all()
	row("time from reading to witness: median, 99 %, longest", "%s, %s, %s",
		short(quantile(all, 0.5)), short(quantile(all, 0.99)), short(quantile(all, 1)))
	f.usageRows(row)
	fmt.Fprintf(&b, "\n%s", f.effects())
	return b.String()
}

// usageRows adds what the programs took.
func (f *fleet) usageRows(row func(name, format string, args ...any)) {
	wall := f.last.at.Sub(f.first.at).Seconds()
	cores := func(before, after time.Duration) float64 { return (after - before).Seconds() / wall }
	row("cores in use: brokers; processes; nodes and witnesses", "%.2f; %.2f; %.2f",
		cores(f.first.cpuBrokers, f.last.cpuBrokers), cores(f.first.cpuProcesses, f.last.cpuProcesses),
		cores(f.first.cpuFleet, f.last.cpuFleet))
	row("median RSS of a daemon process; without the program file", "%.1f MiB; %.1f MiB",
		float64(f.last.processRSS)/1024, float64(f.last.processAnon)/1024)
	row("largest RSS of a broker at the end", "%d MiB", f.last.brokerRSS/1024)
	row("open files: the process with the nodes; the broker with most", "%s; %s", number(f.last.fleetFiles), number(f.last.brokerFiles))
	if n := len(f.nodes); n > 0 {
		each := func(before, after uint64) float64 { return (float64(after) - float64(before)) / 1024 / float64(n) }
		row("a node in one process: heap, stacks, RSS, goroutines", "%.0f KiB, %.0f KiB, %.0f KiB, %.1f",
			each(f.before.heap, f.last.heap), each(f.before.stack, f.last.stack),
			float64(f.last.fleetRSS-f.before.fleetRSS)/float64(n), float64(f.last.goroutines-f.before.goroutines)/float64(n))
	}
}

// effects returns the table of the faults.
func (f *fleet) effects() string {
	if len(f.marks) == 0 {
		return ""
	}
	slices.SortFunc(f.marks, func(a, b mark) int { return a.began.Compare(b.began) })
	var outages []outage
	for _, m := range f.members {
		outages = append(outages, m.allOutages()...)
	}
	var b strings.Builder
	b.WriteString("| fault | at | for | nodes that lost their broker; others that lost the connection | connected again within | spread of the reconnections (middle 90 %) | time from loss to first PUBACK: median, 95 % |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|--:|\n")
	kills, all := 0, effect{}
	for i, m := range f.marks {
		if m.kind == daemons {
			fmt.Fprintf(&b, "| %v | %s | | | | | |\n", m.fault, short(m.at))
			continue
		}
		e := effectOf(outages, m.began, m.undone, f.until(i), func(at string) bool { return f.cluster.isOneOf(at, m.brokers) })
		fmt.Fprintf(&b, "| %v | %s | %s | %s; %s | %s | %s | %s |\n", m.fault, short(m.at), short(m.lasts),
			number(e.lost), number(e.others), e.describeBack(), e.describeSpread(), e.describePuback())
		if m.kind == kill {
			kills++
			all.lost += e.lost
			all.others += e.others
			all.acked = append(all.acked, e.acked...)
		}
	}
	if kills > 1 {
		fmt.Fprintf(&b, "| all %d kills | | | %s; %s | | | %s |\n", kills, number(all.lost), number(all.others), all.describePuback())
	}
	return b.String()
}

// until returns when the next fault of brokers began, or the run ended.
func (f *fleet) until(i int) time.Time {
	for _, m := range f.marks[i+1:] {
		if m.kind != daemons {
			return m.began
		}
	}
	return f.last.at
}

func (e effect) describeBack() string {
	switch {
	case e.lost == 0:
		return ""
	case e.back < e.lost:
		return fmt.Sprintf("%s of them", number(e.back))
	}
	return short(e.within)
}

func (e effect) describeSpread() string {
	if e.back == 0 {
		return ""
	}
	return fmt.Sprintf("%s (%s)", short(e.spread), short(e.middle))
}

func (e effect) describePuback() string {
	if len(e.acked) == 0 {
		return ""
	}
	return fmt.Sprintf("%s, %s", short(quantile(e.acked, 0.5)), short(quantile(e.acked, 0.95)))
}

// number writes an integer with separators: "5,200".
func number(n int) string {
	if n < 0 {
		return "-" + number(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", number(n/1000), n%1000)
}

// short writes a duration with at most three figures: "12.3 s", "85 ms".
func short(d time.Duration) string {
	switch {
	case d == 0:
		return "0 s"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 100*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Minutes()), ".0") + " min"
}
