$TTL 60
@     SOA ns1 hostmaster ( 1 7200 1800 259200 60 )
@     NS ns1
@     NS ns2
ns1   A 203.0.113.53
ns2   A 198.51.100.53
; Without the second figure gdnsd would lower the TTL to when the answer could change next.
www   3/3 DYNA geoip!www
port  3/3 DYNA geoip!port
tls   3/3 DYNA geoip!tls
url   3/3 DYNA geoip!url
