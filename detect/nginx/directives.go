package nginx

import (
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// contexts name the blocks in which a directive may stand.
var contexts = map[byte]string{'m': "main", 'e': "events", 'h': "http", 's': "server", 'l': "location", 'u': "upstream", 't': "stream"}

// standard is what the modules of nginx's own distribution know: name, a letter for the block in which the example is tried (see contexts), an example (with its block, where it has one),
// and what it does. All of it stays in the configuration of the proxy; what changes there says its own row.
const standard = `
user|m|www-data|user of the worker processes; one that the image does not know becomes nginx
worker_processes|m|auto|how many workers
worker_rlimit_nofile|m|8192|open files of a worker
worker_rlimit_core|m|10m|size of a core dump
worker_priority|m|0|nice value of the workers
worker_cpu_affinity|m|auto|processors of the workers
worker_shutdown_timeout|m|10s|how long a worker waits for connections when it stops
working_directory|m|/tmp|where core dumps go
error_log|m|/var/log/nginx/error.log warn|where errors are written: to standard error, whatever file is named
pid|m|/run/nginx.pid|file with the number of the main process
lock_file|m|/run/nginx.lock|file for locks
pcre_jit|m|on|compiles regular expressions
thread_pool|m|files threads=4|threads for reading files
timer_resolution|m|100ms|how exact the clock is
env|m|TZ|variable that workers keep
debug_points|m|abort|stops at internal faults
ssl_engine|m|rsax|hardware for TLS
events|m|{ worker_connections 100; }|settings of connections
http|m|{ server_tokens off; }|the HTTP server
stream|m|{ }|the TCP and UDP proxy
mail|m|{ }|the mail proxy
worker_connections|e|768|connections of a worker
multi_accept|e|on|takes all new connections at once
use|e|epoll|how events are awaited
accept_mutex|e|off|workers take turns
accept_mutex_delay|e|100ms|how long a turn is
debug_connection|e|127.0.0.1|writes more for these clients
worker_aio_requests|e|32|asynchronous reads of a worker
server|h|{ listen 80; }|a virtual server; in an upstream, one of the servers that requests go to
listen|s|8080|address and port
server_name|s|example.org|host names
location|s|/api { return 204; }|what happens with a path
upstream|h|backend { server 127.0.0.1:3000; }|servers that requests are shared among
proxy_pass|l|http://127.0.0.1:3000/|hands requests to another server; its address is rewritten to the workload that listens there
grpc_pass|l|grpc://127.0.0.1:50051|hands gRPC requests on
fastcgi_pass|l|127.0.0.1:9000|hands requests to a FastCGI server
uwsgi_pass|l|127.0.0.1:8000|hands requests to a uwsgi server
scgi_pass|l|127.0.0.1:4000|hands requests to an SCGI server
memcached_pass|l|127.0.0.1:11211|answers from memcached
keepalive|u|16|idle connections that are kept
keepalive_requests|u|1000|requests of a connection
keepalive_time|u|1h|age of a connection
keepalive_timeout|u|60s|how long an idle connection is kept
keepalive_min_timeout|s|0|least time of an idle connection
ip_hash|u||a client's requests go to one server
hash|u|$remote_addr consistent|requests of one key go to one server
least_conn|u||the least busy server is next
least_time|u|header|the quickest server is next
random|u|two least_conn|a random server is next
zone|u|backend 64k|memory that workers share
resolver|h|9.9.9.9|name server for names in variables
resolver_timeout|h|5s|how long a name is looked up
root|l|/var/www/html|directory of static files, mounted from the machine
alias|l|/srv/static/|directory that stands for the location's path, mounted from the machine
index|s|index.html|files that answer for a directory
try_files|l|$uri $uri/ =404|files that are tried in turn
return|l|301 https://example.org$request_uri|answers at once
rewrite|l|^/old/(.*)$ /new/$1 permanent|changes the path
rewrite_log|s|off|writes what is rewritten
if|l|($request_method = POST) { return 405; }|a condition
break|l||ends rewriting
set|l|$x 1|sets a variable
uninitialized_variable_warn|s|off|warns of unset variables
error_page|s|404 /404.html|page for an error
recursive_error_pages|s|on|error pages of error pages
internal|l||for internal requests alone
limit_except|l|GET { deny all; }|methods that are allowed
allow|l|10.0.0.0/8|clients that are let in; what comes from the machine itself has another address in a container
deny|l|all|clients that are kept out
satisfy|l|any|whether one check is enough
auth_basic|l|"Staff"|asks for a password
auth_basic_user_file|l|/etc/nginx/htpasswd|file of passwords, mounted from the machine
auth_delay|l|1s|slows guessing down
auth_request|l|/auth|asks another location
auth_request_set|l|$user $upstream_http_x_user|keeps what it answered
proxy_http_version|s|1.1|version of HTTP towards the backend
proxy_set_header|s|Host $host|header towards the backend; inherited only where a level has none of its own
proxy_set_body|l|$request_body|body towards the backend
proxy_pass_header|s|Server|header of the backend that is passed on
proxy_hide_header|s|X-Powered-By|header of the backend that is not passed on
proxy_ignore_headers|s|Expires|header of the backend that is not obeyed
proxy_pass_request_body|l|on|whether the body is handed on
proxy_pass_request_headers|l|on|whether the headers are handed on
proxy_pass_trailers|l|on|whether trailers are handed on
proxy_method|l|POST|method towards the backend
proxy_redirect|l|default|changes Location of the backend's answers
proxy_cookie_domain|l|localhost example.org|changes the domain of cookies
proxy_cookie_path|l|/ /app/|changes the path of cookies
proxy_cookie_flags|l|~ secure|changes flags of cookies
proxy_connect_timeout|s|5s|how long a connection may take
proxy_read_timeout|s|30s|how long the backend may be silent between two reads: not the time for a whole answer
proxy_send_timeout|s|30s|how long a write may take
proxy_buffering|s|off|collects the answer before it is sent
proxy_buffer_size|s|8k|room for the head of an answer
proxy_buffers|s|8 8k|room for an answer
proxy_busy_buffers_size|s|16k|room that is being sent
proxy_request_buffering|s|off|collects a request before it is handed on
proxy_max_temp_file_size|s|0|size of a file for an answer
proxy_temp_file_write_size|s|16k|how much is written at once
proxy_temp_path|h|/var/cache/nginx/proxy_temp|where answers are collected
proxy_next_upstream|s|error timeout|when another server is tried
proxy_next_upstream_timeout|s|10s|how long servers are tried
proxy_next_upstream_tries|s|2|how many servers are tried
proxy_intercept_errors|l|on|error pages for the backend's errors
proxy_ignore_client_abort|l|on|goes on when the client leaves
proxy_limit_rate|l|0|bytes a second from the backend
proxy_bind|s|off|own address towards the backend
proxy_socket_keepalive|s|on|TCP keep-alive towards the backend
proxy_headers_hash_max_size|s|512|room for headers
proxy_headers_hash_bucket_size|s|128|room for headers
proxy_force_ranges|s|on|byte ranges whatever the backend says
proxy_store|l|off|keeps answers as files
proxy_store_access|l|user:rw|permission bits of kept answers
proxy_cache|l|off|cache of answers
proxy_cache_path|h|/var/cache/nginx/a keys_zone=a:1m|where the cache is; it begins empty
proxy_cache_key|s|$scheme$host$uri|key of an answer
proxy_cache_valid|s|200 10m|how long answers are kept
proxy_cache_bypass|s|$http_pragma|when the cache is not asked
proxy_no_cache|s|$http_pragma|when an answer is not kept
proxy_cache_use_stale|s|error timeout|when an old answer is good enough
proxy_cache_background_update|s|on|renews in the background
proxy_cache_lock|s|on|one request fills the cache
proxy_cache_lock_age|s|5s|how long it may take
proxy_cache_lock_timeout|s|5s|how long others wait
proxy_cache_methods|s|GET HEAD|methods that are cached
proxy_cache_min_uses|s|1|requests until an answer is kept
proxy_cache_revalidate|s|on|asks whether an answer is still good
proxy_cache_convert_head|s|on|HEAD becomes GET
proxy_cache_max_range_offset|s|0|ranges beyond it are not cached
proxy_cache_purge|l|$purge|removes from the cache
proxy_ssl_name|s|backend.example.org|name that the backend's certificate has
proxy_ssl_server_name|s|on|tells the backend the name
proxy_ssl_verify|s|off|checks the backend's certificate
proxy_ssl_verify_depth|s|1|length of the chain
proxy_ssl_trusted_certificate|s|/etc/ssl/certs/ca-certificates.crt|authorities, mounted from the machine
proxy_ssl_certificate|s|/etc/ssl/certs/client.pem|own certificate towards the backend, mounted from the machine
proxy_ssl_certificate_key|s|/etc/ssl/private/client.key|its key, mounted from the machine
proxy_ssl_ciphers|s|DEFAULT|ciphers towards the backend
proxy_ssl_protocols|s|TLSv1.2 TLSv1.3|versions of TLS towards the backend
proxy_ssl_session_reuse|s|on|reuses sessions
proxy_ssl_conf_command|s|MinProtocol TLSv1.2|options of OpenSSL
add_header|s|X-Frame-Options DENY|header of answers; inherited only where a level has none of its own
add_trailer|s|X-End 1|trailer of answers
expires|l|30d|how long browsers may keep an answer
etag|s|on|tag of static files
if_modified_since|s|exact|how dates are compared
client_max_body_size|s|64k|size of a request; 1m where it is not said
client_body_buffer_size|s|16k|room for a request
client_body_in_file_only|l|off|keeps requests as files
client_body_in_single_buffer|l|off|keeps a request in one piece
client_body_temp_path|h|/var/cache/nginx/client_temp|where requests are collected
client_body_timeout|s|60s|how long a client may be silent
client_header_buffer_size|s|1k|room for headers
client_header_timeout|s|60s|time for the headers
large_client_header_buffers|s|4 8k|room for long headers
ignore_invalid_headers|s|on|leaves out headers that are none
underscores_in_headers|s|on|lets names have underscores
send_timeout|s|60s|how long a client may not read
send_lowat|s|0|least amount to send
reset_timedout_connection|s|on|resets connections that are too slow
lingering_close|s|on|reads what is left
lingering_time|s|30s|how long it reads
lingering_timeout|s|5s|how long it waits
keepalive_disable|s|msie6|clients without keep-alive
tcp_nodelay|h|on|sends small packets at once
tcp_nopush|h|on|sends full packets
sendfile|h|on|lets the kernel send files
sendfile_max_chunk|h|2m|how much at once
aio|h|off|asynchronous reading
aio_write|h|off|asynchronous writing
directio|h|off|reads past the cache of the machine
directio_alignment|h|512|alignment of it
output_buffers|h|2 32k|room for reading files
postpone_output|h|1460|least amount to send
read_ahead|h|0|reads ahead
open_file_cache|h|off|keeps files open
open_file_cache_errors|h|on|remembers errors
open_file_cache_min_uses|h|2|uses until it is kept
open_file_cache_valid|h|60s|when it is checked
open_log_file_cache|h|off|keeps logs open
disable_symlinks|h|off|whether links are followed
absolute_redirect|s|on|redirects with host and scheme
server_name_in_redirect|s|off|redirects with the first server name
port_in_redirect|s|off|redirects with the port
merge_slashes|s|on|several slashes are one
msie_padding|s|on|for an old browser
msie_refresh|s|off|for an old browser
max_ranges|s|10|ranges of a request
max_errors|s|5|faults until mail gives up
chunked_transfer_encoding|s|on|answers in chunks
connection_pool_size|s|512|memory
request_pool_size|s|4k|memory
subrequest_output_buffer_size|s|8k|memory
server_names_hash_max_size|h|512|memory for names
server_names_hash_bucket_size|h|128|memory for names
variables_hash_max_size|h|1024|memory for variables
variables_hash_bucket_size|h|64|memory for variables
types_hash_max_size|h|2048|memory for types
types_hash_bucket_size|h|64|memory for types
map_hash_max_size|h|2048|memory for maps
map_hash_bucket_size|h|64|memory for maps
server_tokens|h|off|whether the version is told
log_not_found|s|off|writes missing files
log_subrequest|s|on|writes subrequests
access_log|s|/var/log/nginx/access.log|where requests are written: to standard output, whatever file is named
log_format|h|short '$remote_addr $status'|form of the lines
types|h|{ text/html html; }|types by the end of a name
default_type|h|application/octet-stream|type of all others
map|h|$http_upgrade $connection_upgrade { default upgrade; '' close; }|a variable made of another one
geo|h|$inside { default 0; 10.0.0.0/8 1; }|a variable made of the client's address
split_clients|h|$remote_addr $variant { 50% a; * b; }|a variable that divides clients
geoip_country|h|/usr/share/GeoIP/GeoIP.dat|countries by address, mounted from the machine
geoip_city|h|/usr/share/GeoIP/City.dat|cities by address, mounted from the machine
geoip_org|h|/usr/share/GeoIP/Org.dat|organisations by address, mounted from the machine
geoip_proxy|h|10.0.0.0/8|whose forwarded address counts
geoip_proxy_recursive|h|on|all forwarded addresses count
limit_req_zone|h|$binary_remote_addr zone=a:1m rate=5r/s|how often a client may ask; each replica counts for itself
limit_req|l|zone=a burst=5|applies it
limit_req_status|s|429|answer to who asks too often
limit_req_log_level|s|warn|how it is written
limit_req_dry_run|s|on|counts alone
limit_conn_zone|h|$binary_remote_addr zone=b:1m|how many connections a client may have; each replica counts for itself
limit_conn|l|b 10|applies it
limit_conn_status|s|429|answer to who has too many
limit_conn_log_level|s|warn|how it is written
limit_conn_dry_run|s|on|counts alone
limit_rate|l|100k|bytes a second
limit_rate_after|l|1m|from when on
real_ip_header|s|X-Forwarded-For|header with the client's address
real_ip_recursive|s|on|all addresses in it count
set_real_ip_from|s|10.0.0.0/8|whose header counts; what comes from the machine itself has another address in a container
ssl_certificate|s|/etc/ssl/certs/site.pem|certificate, mounted from the machine
ssl_certificate_key|s|/etc/ssl/private/site.key|its key, mounted from the machine
ssl_certificate_cache|s|off|keeps certificates
ssl_client_certificate|s|/etc/ssl/certs/clients.pem|authority of client certificates, mounted from the machine
ssl_trusted_certificate|s|/etc/ssl/certs/chain.pem|authorities, mounted from the machine
ssl_crl|s|/etc/ssl/crl.pem|revoked certificates, mounted from the machine
ssl_dhparam|s|/etc/ssl/dhparam.pem|parameters of the key exchange, mounted from the machine
ssl_password_file|s|/etc/ssl/passwords|passwords of keys, mounted from the machine
ssl_session_ticket_key|s|/etc/ssl/ticket.key|key of tickets, mounted from the machine
ssl_stapling_file|s|/etc/ssl/staple.der|answer of the authority, mounted from the machine
ssl|s|on|TLS on all ports
ssl_alpn|t|h2|protocols that are offered
ssl_buffer_size|s|16k|room for writing
ssl_ciphers|s|HIGH:!aNULL|ciphers
ssl_conf_command|s|MinProtocol TLSv1.2|options of OpenSSL
ssl_early_data|s|on|data with the first packet
ssl_ecdh_curve|s|auto|curves
ssl_handshake_timeout|t|60s|how long it may take
ssl_ocsp|s|off|checks client certificates
ssl_ocsp_cache|s|off|keeps the answers
ssl_ocsp_responder|s|http://127.0.0.1/|whom it asks
ssl_prefer_server_ciphers|s|on|whose order counts
ssl_preread|t|on|reads the name without decrypting
ssl_protocols|s|TLSv1.2 TLSv1.3|versions of TLS
ssl_reject_handshake|s|on|refuses names that are not served
ssl_session_cache|s|shared:tls:1m|keeps sessions
ssl_session_tickets|s|off|tickets of sessions
ssl_session_timeout|s|1d|how long sessions last
ssl_stapling|s|on|answers for the authority
ssl_stapling_responder|s|http://127.0.0.1/|whom it asks
ssl_stapling_verify|s|on|checks the answer
ssl_verify_client|s|off|asks for client certificates
ssl_verify_depth|s|1|length of the chain
http2|s|on|HTTP/2
http2_body_preread_size|h|64k|room for a request
http2_chunk_size|h|8k|size of chunks
http2_max_concurrent_streams|h|128|streams of a connection
http2_recv_buffer_size|h|256k|room of a worker
http2_push|s|off|sends ahead
http2_push_preload|s|off|sends ahead
http3|s|on|HTTP/3
http3_hq|s|off|HTTP/3 of the tests
http3_max_concurrent_streams|s|128|streams of a connection
http3_stream_buffer_size|s|64k|room of a stream
quic_active_connection_id_limit|s|2|addresses of a connection
quic_gso|s|off|lets the card divide packets
quic_retry|s|off|checks addresses
gzip|s|on|compresses answers
gzip_buffers|s|32 4k|room for it
gzip_comp_level|s|5|how hard
gzip_disable|s|msie6|for which browsers not
gzip_http_version|s|1.1|from which version on
gzip_min_length|s|256|from which length on
gzip_proxied|s|any|for requests of other proxies
gzip_types|s|text/plain application/json|which types
gzip_vary|s|on|tells caches
gzip_static|s|on|sends files that are compressed already
gunzip|s|on|decompresses for clients that cannot
gunzip_buffers|s|32 4k|room for it
charset|s|utf-8|character set
charset_map|h|koi8-r utf-8 { }|changes characters
charset_types|s|text/xml|of which types
override_charset|s|on|even of the backend
source_charset|s|utf-8|what files have
autoindex|l|on|lists directories
autoindex_exact_size|l|off|sizes in bytes
autoindex_format|l|html|form of the list
autoindex_localtime|l|on|times of the machine
sub_filter|l|a b|replaces text
sub_filter_last_modified|l|on|keeps the date
sub_filter_once|l|off|more than once
sub_filter_types|l|text/css|in which types
addition_types|l|text/html|to which types
add_after_body|l|/after|adds an answer
add_before_body|l|/before|adds an answer
ssi|l|on|includes on the server
ssi_last_modified|l|on|keeps the date
ssi_min_file_chunk|l|1k|least amount of a file
ssi_silent_errors|l|on|without messages
ssi_types|l|text/html|in which types
ssi_value_length|l|256|length of values
mirror|l|/mirror|copies requests
mirror_request_body|l|on|with the body
secure_link|l|$arg_md5|checks a signed link
secure_link_secret|l|word|key of signed links: a secret, left out of the file
secure_link_md5|l|"$uri $secure"|what is signed
slice|l|1m|cuts requests in pieces
stub_status|l||figures for monitoring
status_zone|s|site|figures for monitoring
dav_methods|l|PUT DELETE|WebDAV
dav_access|l|user:rw|permission bits
create_full_put_path|l|on|makes directories
min_delete_depth|l|0|from which depth on
empty_gif|l||answers with a picture
flv|l||films
mp4|l||films
mp4_buffer_size|l|512k|room for films
mp4_max_buffer_size|l|10m|room for films
mp4_limit_rate|l|on|bytes a second of films
mp4_limit_rate_after|l|30s|from when on
mp4_start_key_frame|l|on|where films begin
random_index|l|on|a random file
referer_hash_max_size|s|2048|memory
referer_hash_bucket_size|s|64|memory
valid_referers|s|none blocked server_names|whose links count
userid|l|on|a cookie for each client
userid_domain|l|example.org|its domain
userid_expires|l|365d|how long it lasts
userid_flags|l|secure|its flags
userid_mark|l|off|its mark
userid_name|l|uid|its name
userid_p3p|l|none|its policy
userid_path|l|/|its path
userid_service|l|1|its origin
post_action|l|/done|after each request
js_import|h|main.js|scripts of njs
js_path|h|/etc/nginx/njs|directory of scripts
js_set|h|$x main.x|a variable of a script
js_content|l|main.x|an answer of a script
js_header_filter|l|main.x|a script over headers
js_body_filter|l|main.x|a script over bodies
fastcgi_param|l|SCRIPT_FILENAME $document_root$fastcgi_script_name|parameter
fastcgi_index|l|index.php|file that answers for a directory
fastcgi_split_path_info|l|^(.+\.php)(/.+)$|divides the path
fastcgi_read_timeout|l|60s|how long the backend may be silent
fastcgi_send_timeout|l|60s|how long a write may take
fastcgi_connect_timeout|l|60s|how long a connection may take
fastcgi_buffers|l|16 16k|room for an answer
fastcgi_buffer_size|l|32k|room for its head
fastcgi_busy_buffers_size|l|64k|room that is being sent
fastcgi_buffering|l|on|collects the answer
fastcgi_request_buffering|l|on|collects the request
fastcgi_intercept_errors|l|on|error pages for the backend's errors
fastcgi_hide_header|l|X-Powered-By|header that is not passed on
fastcgi_pass_header|l|Status|header that is passed on
fastcgi_ignore_headers|l|Expires|header that is not obeyed
fastcgi_keep_conn|l|on|keeps connections
fastcgi_cache|l|off|cache of answers
fastcgi_cache_path|h|/var/cache/nginx/f keys_zone=f:1m|where the cache is; it begins empty
fastcgi_cache_key|l|$uri|key of an answer
fastcgi_cache_valid|l|200 10m|how long answers are kept
fastcgi_cache_bypass|l|$http_pragma|when the cache is not asked
fastcgi_no_cache|l|$http_pragma|when an answer is not kept
fastcgi_cache_use_stale|l|error|when an old answer is good enough
fastcgi_cache_lock|l|on|one request fills the cache
fastcgi_next_upstream|l|error timeout|when another server is tried
fastcgi_temp_path|h|/var/cache/nginx/fastcgi_temp|where answers are collected
fastcgi_max_temp_file_size|l|0|size of a file for an answer
uwsgi_param|l|QUERY_STRING $query_string|parameter
uwsgi_read_timeout|l|60s|how long the backend may be silent
uwsgi_send_timeout|l|60s|how long a write may take
uwsgi_connect_timeout|l|60s|how long a connection may take
uwsgi_buffers|l|8 8k|room for an answer
uwsgi_buffer_size|l|8k|room for its head
uwsgi_buffering|l|on|collects the answer
uwsgi_temp_path|h|/var/cache/nginx/uwsgi_temp|where answers are collected
uwsgi_modifier1|l|0|kind of the request
uwsgi_modifier2|l|0|kind of the request
scgi_param|l|SCGI 1|parameter
scgi_read_timeout|l|60s|how long the backend may be silent
scgi_temp_path|h|/var/cache/nginx/scgi_temp|where answers are collected
grpc_set_header|s|Host $host|header towards the backend
grpc_read_timeout|s|60s|how long the backend may be silent
grpc_send_timeout|s|60s|how long a write may take
grpc_connect_timeout|s|60s|how long a connection may take
grpc_buffer_size|s|8k|room for an answer
grpc_next_upstream|s|error timeout|when another server is tried
grpc_ssl_verify|s|off|checks the backend's certificate
grpc_ssl_server_name|s|on|tells the backend the name
memcached_read_timeout|l|60s|how long it may be silent
memcached_connect_timeout|l|60s|how long a connection may take
proxy_timeout|t|10m|how long a connection may be silent
proxy_responses|t|1|answers to a datagram
proxy_requests|t|0|datagrams of a session
proxy_protocol|t|on|tells the client's address
proxy_protocol_timeout|t|30s|how long it may take
proxy_ssl|t|off|TLS towards the backend
proxy_upload_rate|t|0|bytes a second
proxy_download_rate|t|0|bytes a second
preread_buffer_size|t|16k|room for reading ahead
preread_timeout|t|30s|how long it reads ahead
`

// known are the rows by name.
var known = func() map[string]bool {
	out := map[string]bool{"include": true, "daemon": true, "master_process": true, "load_module": true}
	for _, k := range rows() {
		out[k.Name] = true
	}
	return out
}()

func isKnown(name string) bool { return known[name] }

const specCore = "nginx.org: alphabetical index of directives"

// rows are the directives that stay in the configuration of the proxy.
func rows() []detect.Key {
	var out []detect.Key
	for line := range strings.SplitSeq(strings.TrimSpace(standard), "\n") {
		f := splitRow(line)
		out = append(out, detect.Key{Section: contexts[f[1][0]], Name: f[0], Example: f[2], Doc: f[3], Spec: specCore, Outcome: ledger.Converted})
	}
	return out
}

// splitRow takes a row apart; an example may have a "|" of its own.
func splitRow(line string) [4]string {
	name, rest, _ := strings.Cut(line, "|")
	ctx, rest, _ := strings.Cut(rest, "|")
	i := strings.LastIndexByte(rest, '|')
	return [4]string{name, ctx, rest[:i], rest[i+1:]}
}

// keys is the mapping as a table.
func keys() []detect.Key {
	out := append(rows(),
		detect.Key{Section: "main", Name: "include", Spec: specCore, Example: "conf.d/*.conf", Outcome: ledger.Inert, Doc: "takes other files in: they become part of one file", Reason: "each directive of the included files is a setting of its own"},
		detect.Key{Section: "main", Name: "daemon", Spec: specCore, Example: "on", Outcome: ledger.Inert, Doc: "runs in the background", Reason: foreground},
		detect.Key{Section: "main", Name: "master_process", Spec: specCore, Example: "on", Outcome: ledger.Converted, Doc: "a main process with workers"},
		detect.Key{Section: "main", Name: "load_module", Spec: specCore, Example: "modules/ngx_http_brotli_filter_module.so", Outcome: ledger.Dropped, Doc: "loads a module", Reason: moduleReason, Remedy: moduleRemedy},
	)
	for _, d := range defaults {
		out = append(out, detect.Key{Section: "implied", Name: d.key, Doc: d.doc, Spec: d.spec, Example: d.value, Outcome: ledger.Converted})
	}
	return out
}

// sample puts a directive into a small configuration.
func sample(k detect.Key) map[string]string {
	if k.Section == "implied" {
		return map[string]string{"etc/nginx/nginx.conf": "events {}\nhttp {\n    server {\n        listen 80;\n    }\n}\n"}
	}
	text := strings.TrimSpace(k.Name + " " + k.Example)
	if !strings.HasSuffix(text, "}") {
		text += ";"
	}
	at := map[string]string{k.Section: text + "\n"}
	if k.Name == "events" || k.Name == "http" {
		at = map[string]string{k.Name: strings.Trim(k.Example, "{} ") + "\n"}
	}
	files := map[string]string{}
	body := at["main"] + "events {\n" + at["events"] + "}\n"
	if k.Section == "stream" || k.Name == "stream" {
		if k.Section == "stream" {
			body += "stream {\nserver {\nlisten 5432;\nproxy_pass 127.0.0.1:15432;\n" + at["stream"] + "}\n}\n"
		}
	} else {
		body += "http {\n" + at["http"]
		if k.Section == "upstream" {
			body += "upstream backend {\nserver 127.0.0.1:3000;\n" + at["upstream"] + "}\n"
		}
		body += "server {\nlisten 80;\n" + at["server"] + "location / {\n" + at["location"] + "}\n}\n}\n"
	}
	files["etc/nginx/nginx.conf"] = body
	if k.Name == "include" {
		files["etc/nginx/conf.d/a.conf"] = "worker_processes 2;\n"
	}
	return files
}
