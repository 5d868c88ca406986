#!/bin/bash
# Starts each daemon that the gateway has a configuration for, then waits. Each is a child of the first process, which reaps it when it is
# killed: a daemon that finds its predecessor's PID in use, if only by a corpse, does not start.
# /etc/gateway.d/setup runs before them, the executables in /etc/gateway.d/services beside them.

# What fails here ends the node: half a gateway would give figures of something else.
set -e

# Starts what every packet passes through, before all else on the machine. Niceness, not real-time: under SCHED_FIFO the threads of wireguard-go
# have been seen to spin without end. And a session of its own: Linux shares processors among sessions first, each with a niceness of its own
# (sched(7), autogroup), so that among busy ones the niceness of a process alone does nothing.
# shellcheck disable=SC2016
promptly=(setsid --wait sh -c '{ echo -20 > /proc/self/autogroup; } 2> /dev/null; exec nice -n -20 "$@"' -)

# A container starts before containerlab has made its links.
until [ "$(find /sys/class/net -mindepth 1 -maxdepth 1 ! -name lo ! -name eth0 | wc -l)" -ge "${CLAB_INTFS:-0}" ]; do sleep 0.1; done
# Their addresses, which faildrill has containerlab give them, come a little later still.
until [ "$(ip -oneline address show scope global | wc -l)" -ge "${LAB_ADDRESSES:-0}" ]; do sleep 0.1; done

if [ -s /etc/nftables.conf ]; then nft -f /etc/nftables.conf; fi

if [ -x /etc/gateway.d/setup ]; then /etc/gateway.d/setup; fi

for configuration in /etc/wireguard/*.conf; do
  [ -e "$configuration" ] || continue
  # One processor for each wireguard-go: to hand packets from thread to thread costs it more than to encrypt them.
  GOMAXPROCS=1 "${promptly[@]}" wg-quick up "$(basename "$configuration" .conf)"
done

if [ -s /etc/frr/daemons ]; then
  mkdir -p /run/frr /var/log/frr
  : >> /etc/frr/vtysh.conf
  chown frr:frr /run/frr /var/log/frr
  chown frr:frrvty /etc/frr/vtysh.conf
  # In a shell of its own, since the file changes PATH.
  # shellcheck disable=SC1091,SC2046
  (set +e; source /usr/lib/frr/frrcommon.sh; /usr/lib/frr/watchfrr -d ${watchfrr_options:-} $(daemon_list))
fi

if compgen -G '/etc/swanctl/conf.d/*.conf' > /dev/null || [ -s /etc/swanctl/swanctl.conf ]; then
  charon=/usr/sbin/charon-systemd
  [ -x "$charon" ] || charon=/usr/lib/ipsec/charon
  # Where the kernel has no ESP, every packet passes through it.
  ("${promptly[@]}" "$charon" &)
  timeout 10 sh -c 'until [ -S /run/charon.vici ]; do sleep 0.02; done'
  swanctl --load-all
fi

if [ -s /etc/etcd/etcd.conf ]; then
  # Its environment, as of a systemd unit. In a shell of its own, since each of its variables is exported.
  # shellcheck disable=SC1091
  (set -a; source /etc/etcd/etcd.conf; etcd &)
fi
if [ -s /etc/keepalived/keepalived.conf ]; then (keepalived --dont-fork --log-console --log-detail &) fi
for configuration in /etc/openvpn/*.conf; do
  [ -e "$configuration" ] || continue
  ("${promptly[@]}" openvpn --cd /etc/openvpn --config "$configuration" &)
done
if [ -s /etc/ocserv/ocserv.conf ]; then ("${promptly[@]}" ocserv --foreground --config /etc/ocserv/ocserv.conf &); fi
if [ -s /etc/conntrackd/conntrackd.conf ]; then conntrackd -d; fi
if compgen -G '/etc/dnsmasq.d/*' > /dev/null; then (dnsmasq --keep-in-foreground --conf-dir=/etc/dnsmasq.d &) fi
if [ -s /etc/unbound/unbound.conf ]; then (unbound -d &); fi
if [ -s /etc/gdnsd/config ]; then (gdnsd start &); fi
if [ -s /etc/web/nginx.conf ]; then nginx -c /etc/web/nginx.conf; fi
if [ -s /etc/webhook/hooks.yaml ]; then (webhook -hooks /etc/webhook/hooks.yaml -port 9000 &) fi
if [ -s /etc/blackbox/blackbox.yml ]; then
  (prometheus-blackbox-exporter --config.file=/etc/blackbox/blackbox.yml --timeout-offset=0.1 --log.level=warn &)
fi
if [ -s /etc/alertmanager/alertmanager.yml ]; then
  (prometheus-alertmanager --config.file=/etc/alertmanager/alertmanager.yml --storage.path=/var/lib/prometheus/lab-alerts \
    --cluster.listen-address= --log.level=warn &)
fi
if [ -s /etc/prometheus/prometheus.yml ]; then
  (prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus/lab --log.level=warn &)
fi
for service in /etc/gateway.d/services/*; do
  [ -x "$service" ] || continue
  ("$service" &)
done

exec sleep infinity
