"""The parts of deploy/, started in a Lab with ports and paths of this machine."""

import os
import urllib.request

from lab import port, replace, wait

DEPLOY = os.path.dirname(os.path.abspath(__file__))
NODES = ("nats-1", "nats-2", "nats-3")


def source(*names):
    with open(os.path.join(DEPLOY, *names), encoding="utf-8") as f:
        return f.read()


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.read().decode()
    except OSError:
        return ""


class Cluster:
    """Three nodes, of whom the users are those in deploy/nats/devices."""

    def __init__(self, lab, program):
        self.lab, self.program, self.processes = lab, program, {}
        self.ports = {n: {k: port() for k in ("MQTT", "CLUSTER", "CLIENT", "MONITOR")} for n in NODES}
        lab.write("nats.conf", source("nats", "nats.conf"))
        lab.write("devices", source("nats", "devices"))
        self.users()
        for name in NODES:
            self.start(name)
        self.healthy()

    def users(self):
        self.lab.run(os.path.join(DEPLOY, "nats", "users"), "devices", self.lab.dir)

    def start(self, name):
        routes = ",".join(f'"nats-route://127.0.0.1:{p["CLUSTER"]}"' for p in self.ports.values())
        env = {"NATS_" + k: f"127.0.0.1:{v}" for k, v in self.ports[name].items()}
        env |= {"NATS_NAME": name, "NATS_ROUTES": f"[{routes}]", "NATS_STORE": self.lab.path("store", name)}
        self.processes[name] = self.lab.start(name, self.program, "-c", "nats.conf", env=env)

    def healthy(self):
        for p in self.ports.values():
            wait("a healthy cluster", lambda p=p: '"ok"' in get(f"http://127.0.0.1:{p['MONITOR']}/healthz"))

    def login(self, user, node="nats-1"):
        """Returns the arguments of mosquitto_pub and mosquitto_sub for a user."""
        password = self.lab.read(f"passwords/{user}").strip()
        broker = ["-h", "127.0.0.1", "-p", str(self.ports[node]["MQTT"]), "--cafile", self.lab.path("ca.crt")]
        return [*broker, "-u", user, "-P", password]

    def logged(self, text):
        return any(text in self.lab.read(f"{n}.log") for n in NODES)


def daemon(lab, node, urls, password, sensors):
    """Starts sensorpub with deploy/sensorpub/config.toml and other sensors. Returns
    it and the port of its metrics."""
    http, text = port(), source("sensorpub", "config.toml")
    lab.write(f"{node}/mqtt-password", password, 0o600)
    lab.write(f"{node}/http-password", "secret", 0o600)
    urls = ", ".join(f'"{url}"' for url in urls)
    begin, end = text.index("urls = ["), text.index("]", text.index("urls = ["))
    text = replace(text[:begin] + f"urls = [{urls}" + text[end:text.index("[[sensor]]")], {
        "/etc/sensorpub/ca.crt": lab.path("ca.crt"),
        "/etc/sensorpub/mqtt-password": lab.path(node, "mqtt-password"),
        "/etc/sensorpub/http-password": lab.path(node, "http-password"),
        '":9110"': f'"127.0.0.1:{http}"',
    })
    conf = lab.write(f"{node}/config.toml", f'node = "{node}"\n{text}{sensors}')
    program = os.environ.get("SENSORPUB_BINARY", os.path.join(DEPLOY, "..", "bin", "sensorpub"))
    return lab.start(node, program, "run", "-c", conf), http


def mock(name, more=""):
    return (f'[[sensor]]\nname = "{name}"\ndriver = "mock"\ninterval = "100ms"\n'
            f"options = {{ values = [21.5, 21.75, 22.0] }}\n{more}\n")


def site(lab, link):
    """Writes the files of the site's broker. Returns its port and how to start it."""
    listen = port()
    lab.run("mosquitto_passwd", "-c", "-b", lab.path("passwd"), "pi-7", "pi-7's password")
    lab.write("acl", source("mosquitto", "acl"))
    os.mkdir(lab.path("mosquitto"))
    for name, mode in {"mosquitto": 0o777, "passwd": 0o644, "node.key": 0o644}.items():
        os.chmod(lab.path(name), mode)
    lab.write("mosquitto.conf", replace(source("mosquitto", "mosquitto.conf"), {
        "listener 8883": f"listener {listen} 127.0.0.1",
        "nats-1.example.org:8883 nats-2.example.org:8883 nats-3.example.org:8883": f"127.0.0.1:{link.port}",
        "/etc/mosquitto/passwd": lab.path("passwd"),
        "/etc/mosquitto/acl": lab.path("acl"),
        "/etc/mosquitto/ca.crt": lab.path("ca.crt"),
        "/etc/mosquitto/cluster-ca.crt": lab.path("ca.crt"),
        "/etc/mosquitto/site.crt": lab.path("node.crt"),
        "/etc/mosquitto/site.key": lab.path("node.key"),
        "/var/lib/mosquitto/": lab.path("mosquitto/"),
        "remote_password PASSWORD": "remote_password " + lab.read("passwords/north").strip(),
    }))
    return listen, lambda: lab.start("mosquitto", "mosquitto", "-c", "mosquitto.conf")


def consumers(lab, cluster, telegraf, target):
    """Starts Prometheus and Telegraf. Returns the port of Prometheus."""
    listen = port()
    for name in ("sensorpub.rules.yml", "sensorpub.test.yml"):
        lab.write("prometheus/" + name, source("prometheus", name))
    lab.write("prometheus/prometheus.yml", replace(source("prometheus", "prometheus.yml"), {"interval: 30s": "interval: 1s"}))
    targets = {'"pi-1:9110", "pi-2:9110"': f'"127.0.0.1:{target}"'}
    lab.write("prometheus/fleet.json", replace(source("prometheus", "fleet.json"), targets))
    lab.write("prometheus/http-password", "secret")
    lab.start("prometheus", "prometheus", "--config.file=prometheus/prometheus.yml",
              "--storage.tsdb.path=" + lab.path("tsdb"), f"--web.listen-address=127.0.0.1:{listen}")
    lab.write("telegraf.conf", replace(source("telegraf", "telegraf.conf"), {
        "/etc/telegraf/ca.crt": lab.path("ca.crt"),
        "/var/lib/telegraf": lab.dir,
        '"5s"': '"1s"',
        **{f"{n}.example.org:8883": f"127.0.0.1:{cluster.ports[n]['MQTT']}" for n in NODES},
    }))
    lab.start("telegraf", telegraf, "--config", "telegraf.conf", env={"MQTT_PASSWORD": lab.read("passwords/telegraf").strip()})
    return listen
