#!/bin/bash
# Starts FRR as its container image does: the daemons that /etc/frr/daemons names, under watchfrr in the foreground.
mkdir -p /etc/frr /run/frr /var/log/frr
: >> /etc/frr/vtysh.conf
chown frr:frrvty /etc/frr/vtysh.conf 2>/dev/null
chown frr:frr /run/frr /var/log/frr
# shellcheck source=/dev/null
source /usr/lib/frr/frrcommon.sh
# shellcheck disable=SC2046
exec /usr/lib/frr/watchfrr $(daemon_list)
