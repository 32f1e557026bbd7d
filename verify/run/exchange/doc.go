// Package exchange holds golden HTTP exchanges: what is asked of the real programs of a system, what they must answer, and how the answers of two tiers are compared.
//
// A file of exchanges is text, in a grammar of its own. Lines at the left margin say what is done, the indented lines below them say how:
//
//	# An order goes all the way through.
//
//	defaults
//	  timeout 5s
//	  allow header Server: each proxy names itself
//
//	GET http://bookshop.example/
//	  title the front page
//	  expect 200
//	  expect body contains Middlemarch
//
//	POST storefront:3000/orders
//	  send json {"book": "middlemarch", "quantity": 2, "customer": "Ada"}
//	  expect 201
//	  expect json contains {"status": "new"}
//	  keep id = json $.id
//
//	restart orders
//
//	GET orders:8002/orders?status=shipped
//	  until 30s
//	  send user check:${env:ORDERS_PASSWORD}
//	  expect json contains [{"id": ${id}, "status": "shipped"}]
//
//	run nightly
//	  expect output contains Middlemarch
//
// # Lines at the left margin
//
//	METHOD ADDRESS      a request; the method in capital letters
//	restart WORKLOAD    stop it as its supervisor does, and begin it again; its storage is what it was
//	stop WORKLOAD
//	begin WORKLOAD
//	run WORKLOAD        a job or the program of a schedule, once, to its end
//	defaults            what holds for all of the file; at most once, and first
//	# TEXT              a comment; above a line at the margin it belongs to that line
//
// An ADDRESS is one of
//
//	WORKLOAD:PORT/PATH            the program itself, past every proxy
//	published WORKLOAD:PORT/PATH  where the machine offers the port; asked directly where the original publishes none
//	http://HOST/PATH              from outside, through whatever stands in front of the system; also https
//
// Workloads are called as in the original, on every tier. Where the request names no Host of its own, a program is asked as 127.0.0.1:PORT, and from outside as HOST.
//
// # Indented lines
//
//	title TEXT                        a name for the report
//	timeout DURATION                  how long an answer may take (10s)
//	until DURATION [every DURATION]   ask again until all that is expected holds
//
//	send header NAME: VALUE
//	send user NAME:PASSWORD           Authorization: Basic
//	send body "TEXT"                  or a block of lines below it, each with its line end
//	send json VALUE                   or a block; Content-Type: application/json, if no other one is sent
//	send form NAME=VALUE              or a block, one field a line; Content-Type: application/x-www-form-urlencoded
//	send websocket                    the headers of a WebSocket handshake
//
//	expect STATUS                     200, or 2xx for any of them
//	expect no answer                  the connection is closed without one
//	expect header NAME: VALUE
//	expect header NAME ~ PATTERN
//	expect no header NAME
//	expect body "TEXT"                exactly; or a block
//	expect body contains TEXT
//	expect body ~ PATTERN
//	expect json VALUE                 by structure: the order of keys does not matter; or a block
//	expect json contains VALUE        objects may have more keys, arrays more elements; or a block
//	expect exit CODE                  of run; 0 where nothing is said
//	expect output contains TEXT       of run
//	expect output ~ PATTERN           of run
//
//	keep NAME = json PATH             for later requests, as ${NAME}
//	keep NAME = header NAME [~ PATTERN]
//	keep NAME = cookie NAME
//	keep NAME = body ~ PATTERN        what the first group fits, or all of it
//
//	allow [on TIER[,TIER]] PLACE: REASON
//
// defaults takes timeout, send header, send user and allow. A block is indented deeper than its line; its first line sets the margin. TEXT and PATTERN stand as they are up to
// the end of the line, or in quotes by the rules of Go ("\n", "\x00"), as they have to if they begin or end with a space; the values of headers are never in quotes of ours. PATTERN is a regular expression of Go (RE2).
//
// # Variables
//
// ${NAME} is what an earlier exchange has kept. ${env:NAME} is the value of an environment variable as the side's workloads have it, ${env:WORKLOAD/NAME} where they disagree. It is looked up when the request is
// sent, and shown nowhere. $${ is a ${ that is meant as it stands. Inside of JSON, a variable between quotes is text, elsewhere the value itself.
//
// # Places
//
// What differs is named by its place, and allowed by it:
//
//	status                       the status
//	header NAME                  a header, trailer NAME what follows the body
//	json PATH                    $.orders[0].time and what is below it; [*] and .* stand for all
//	line PATTERN                 lines of a text that the pattern fits, on both sides
//	body                         all of the body
//	framing                      whether the body's length is told beforehand, it comes in chunks, or ends with the connection
//	connection                   whether the connection is kept for another request
//	protocol                     HTTP/1.0 or HTTP/1.1
//	exit                         the exit status of run, and whether the workload had to be killed
//
// # What is compared
//
// The same requests go to both sides. Compared are the status, all headers, the trailers, the body (JSON by structure, text by lines, anything else by length and hash; what gzip has packed is unpacked before),
// the framing, the protocol and what becomes of the connection. Redirects are not followed: their Location is compared, after addresses of the side itself have been replaced by the names of the workloads.
//
// With https any certificate is taken: the tiers have others, made for the run. Whose it is, is not judged here.
//
// An answer of 502, 503 or 504 counts as none of the program, unless the file expects it: two sides that are both out of order would be alike otherwise.
//
// Not compared by their values are Date; Content-Length, which the body and the framing decide; Connection and Keep-Alive, for which connection stands. What proxies add is compared like everything else: who
// accepts it, says so with allow.
//
// # Noise
//
// The original answers the whole file twice, each time from a fresh start. Where its own answers differ, a value says nothing: such a place is compared by its presence, its type, and by what the two values have
// in common as far as that cannot be chance (the words around numbers, times and tokens).
package exchange
