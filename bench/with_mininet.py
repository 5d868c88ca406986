"""Brings hosts and links up and down with Mininet; prints the seconds of each as JSON. Usage: with_mininet.py NODES LINKS"""

import json
import sys
import time

from mininet.link import Link
from mininet.net import Mininet

nodes, links = int(sys.argv[1]), int(sys.argv[2])
start = time.monotonic()
net = Mininet(link=Link, controller=None, build=False)
hosts = [net.addHost(f"n{number}") for number in range(nodes)]
for link in range(links):
    # A ring, then chords; the same as in idle-lab.ts.
    a = link % nodes
    b = (a + (1 if link < nodes else 7)) % nodes
    high, low = link >> 6, (link & 63) << 2
    net.addLink(
        hosts[a],
        hosts[b],
        params1={"ip": f"10.1.{high}.{low + 1}/30"},
        params2={"ip": f"10.1.{high}.{low + 2}/30"},
    )
net.start()
up = time.monotonic()
net.stop()
print(json.dumps({"up": up - start, "down": time.monotonic() - up}))
