#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at no level does training reach a service of the machine by IPv4, IPv6, UDP or an abstract Unix socket; at level full no Unix socket with a name either.
export TMPDIR=/var/tmp # /tmp is hidden as a whole
. "$(dirname "$0")/lib.sh"
requires /usr/bin/python3
cat >"$WORK/serve.py" <<'EOF'
import os, select, socket, sys
folder, outside = sys.argv[1:]
inet, inet6, udp = socket.socket(), None, socket.socket(type=socket.SOCK_DGRAM)
inet.bind(("127.0.0.1", 0))
udp.bind(("127.0.0.1", 0))
try:
    inet6 = socket.socket(socket.AF_INET6)
    inet6.bind(("::1", 0))
except OSError:
    inet6 = None
named = {"named": folder + "/docker.sock", "outside": outside, "abstract": "\0repro-" + str(os.getpid())}
unix = {}
for name, path in named.items():
    unix[name] = socket.socket(socket.AF_UNIX)
    unix[name].bind(path)
    if path[0] == "/":
        os.chmod(path, 0o777)
services = {"ipv4": inet, "udp": udp, **unix, **({"ipv6": inet6} if inet6 else {})}
for name, service in services.items():
    if name != "udp":
        service.listen()
with open(folder + "/ports.tmp", "w") as ports:
    print(inet.getsockname()[1], inet6.getsockname()[1] if inet6 else 1, udp.getsockname()[1], os.getpid(), file=ports)
os.rename(folder + "/ports.tmp", folder + "/ports")
while True:
    ready, _, _ = select.select(list(services.values()), [], [])
    for name, service in services.items():
        if service in ready:
            service.recv(9) if name == "udp" else service.accept()
            with open(folder + "/reached", "a") as reached:
                print(name, file=reached)
EOF
cat >"$WORK/knock.py" <<'EOF'
import socket, sys
ipv4, ipv6, udp, server = map(int, sys.argv[1:5])
folder, outside = sys.argv[5:]
tries = [
    ("ipv4", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", ipv4)),
    ("ipv6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", ipv6)),
    ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", udp)),
    ("dns", socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0repro-%d" % server),
    ("named", socket.AF_UNIX, socket.SOCK_STREAM, folder + "/docker.sock"),
    ("outside", socket.AF_UNIX, socket.SOCK_STREAM, outside),
    ("docker", socket.AF_UNIX, socket.SOCK_STREAM, "/var/run/docker.sock"),
    ("dbus", socket.AF_UNIX, socket.SOCK_STREAM, "/run/dbus/system_bus_socket"),
]
for name, family, kind, address in tries:
    try:
        knock = socket.socket(family, kind)
        knock.connect(address)
        knock.send(b"x")
        if name != "udp":  # one's own loopback takes it, whoever listens
            print("connected:", name)
    except OSError:
        pass
EOF
outside=/var/tmp/repro-$$.sock
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    rm -f "$outside"
}
trap 'finish; leave' EXIT
trial() {
    rm -f "$HOME"/* "$outside"
    /usr/bin/python3 "$WORK/serve.py" "$HOME" "$outside" &
    server=$!
    until [ -s "$HOME/ports" ]; do kill -0 "$server" || fail "no service to knock at"; sleep 0.02; done
    cp "$WORK/knock.py" .
    # shellcheck disable=SC2046 # four numbers
    escape_suite <<EOF
/usr/bin/python3 knock.py $(cat "$HOME/ports") '$HOME' '$outside' | sed "s/^/ESCAPED: /"
EOF
    chmod 711 "$HOME"
    : >"$HOME/reached"
    # The service is there: what is not isolated reaches it.
    read -ra ports <"$HOME/ports"
    "${AS[@]}" /usr/bin/python3 knock.py "${ports[@]}" "$HOME" "$outside" >/dev/null
    until grep -q outside "$HOME/reached"; do sleep 0.02; done
    cp "$HOME/reached" "$WORK/once"
    expect 0 run_repro record --isolation "$LEVEL" --verbose
    says "tried all"
    if [ "$LEVEL" = partial ]; then
        says "Unix sockets of the machine can be reached"
        edit "$ERR" '/connected: named$/d; /connected: outside$/d; /connected: docker$/d; /connected: dbus$/d'
        grep -q "Landlock [1-5] guards" <(run_repro doctor) && edit "$ERR" '/connected: abstract$/d'
    fi
    silent_about ESCAPED
    kill "$server"
    wait "$server" 2>/dev/null || :
    server=
    for service in ipv4 ipv6 udp; do
        [ "$(grep -c "^$service" "$HOME/reached")" = "$(grep -c "^$service" "$WORK/once")" ] || fail "$service was reached"
    done
}
each_level trial
