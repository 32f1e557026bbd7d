// Package loopback finds addresses of the machine itself in values: a program that calls a neighbour on 127.0.0.1 must call it by name once each has a container of its own.
//
// A value is taken apart by its structure (URL, JDBC URL, connection string, host:port, lists of these), because what looks like a host elsewhere in it is a path, a user or a database.
package loopback

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

// Address is a host in a text that means the machine itself.
type Address struct {
	Start, End int    // of the host in the text, with the brackets of IPv6
	Port       string // a number, a variable as it stands ("${PORT}"), or "" where nothing says it
	Default    bool   // Port is what clients of the scheme use when none is said
	Scheme     string // of the URL or connection string, in lower case; "" in a bare HOST:PORT
	Lone       bool   // a host without port, scheme and user
}

var (
	host      = lazyregexp.New(`^(?i:localhost(?:\.localdomain)?|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[(?:::1|::|(?:0:){7}1|::ffff:127\.0\.0\.1)\])`)
	port      = lazyregexp.New(`^:(\d{1,5}|\$\{\w+\}|\$\w+)`)
	bracketed = lazyregexp.New(`^\[[0-9A-Fa-f:.]+\]`)
	keyword   = lazyregexp.New(`(?i)(?:^|[\s;?&:,{])["']?(host|hostname|hostaddr|server|address|addr|data source|datasource)["']?\s*[=:]\s*["']?(?:tcp:)?`)
	keyPort   = lazyregexp.New(`(?i)(?:^|[\s;?&:,{])["']?port["']?\s*[=:]\s*["']?(\d{1,5})`)
	dialTCP   = lazyregexp.New(`@(?:tcp[46]?)?\(`) // user:password@tcp(HOST:PORT)/db of Go's MySQL driver
	dbKind    = lazyregexp.New(`^([A-Za-z]+):[A-Za-z]+=`)
)

// maxValue bounds what is taken for a value: more is data.
const maxValue = 16 << 10

// Is reports whether a text is a host that means the machine itself, and nothing else.
func Is(text string) bool {
	return text == "::1" || text == "::" || text != "" && len(host.FindString(text)) == len(text)
}

// Find returns the addresses of the machine itself in a value, in their order. also are further addresses that it has.
func Find(text string, also ...string) []Address {
	f := finder{text, also, nil}
	if len(text) > maxValue || !f.mayHold() {
		return nil
	}
	if text == "::1" {
		return []Address{{End: len(text), Lone: true}}
	}
	covered := f.urls()
	f.keywords()
	for _, m := range dialTCP.FindAllStringIndex(text, -1) {
		f.members(m[1], endOf(text, m[1], ") \t\n"), "mysql")
	}
	f.bare(covered)
	slices.SortFunc(f.out, func(a, b Address) int { return a.Start - b.Start })
	return f.out
}

// finder takes one text apart.
type finder struct {
	text string
	also []string
	out  []Address
}

// add keeps the first that was said of a place: the stronger structure is looked for first.
func (f *finder) add(a Address) {
	if !slices.ContainsFunc(f.out, func(b Address) bool { return a.Start == b.Start }) {
		f.out = append(f.out, a)
	}
}

// host returns the length of the host of the machine itself at i, before end; 0 for another one.
func (f *finder) host(i, end int) int {
	part := f.text[i:end]
	if n := len(host.FindString(part)); n > 0 {
		return n
	}
	for _, h := range f.also {
		if strings.Contains(h, ":") {
			h = "[" + h + "]"
		}
		if rest, ok := strings.CutPrefix(part, h); ok && (rest == "" || strings.IndexByte(":/?#.}", rest[0]) >= 0) {
			return len(h)
		}
	}
	return 0
}

// mayHold is the quick look: nearly all values are none.
func (f *finder) mayHold() bool {
	text := f.text
	return slices.ContainsFunc(f.also, func(h string) bool { return strings.Contains(text, h) }) || strings.Contains(text, "127.") || strings.Contains(text, "0.0.0.0") || strings.Contains(text, "::") ||
		strings.Contains(text, "0:1]") || strings.Contains(strings.ToLower(text), "localhost")
}

// Replace puts names in the place of hosts and keeps all else byte for byte. An empty name leaves the host as it is.
func Replace(text string, found []Address, name func(Address) string) string {
	var b strings.Builder
	last := 0
	for _, a := range found {
		n := name(a)
		if n == "" {
			continue
		}
		b.WriteString(text[last:a.Start])
		b.WriteString(n)
		last = a.End
	}
	b.WriteString(text[last:])
	return b.String()
}

// span is a part of a text.
type span struct{ from, to int }

// urls takes the URLs of a text apart and returns where they stand, with their paths and queries.
func (f *finder) urls() []span {
	text := f.text
	var covered []span
	for i := 0; ; {
		k := strings.Index(text[i:], "://")
		if k < 0 {
			return covered
		}
		from := i + k
		i = from + 3
		start := from
		for start > 0 && isScheme(text[start-1]) {
			start--
		}
		scheme := schemeOf(text[start:from])
		if scheme == "" {
			continue
		}
		end := endOf(text, i, " \t\r\n\"'`<>\\")
		if next := strings.Index(text[i:end], "://"); next >= 0 { // a list of URLs ends this one at the comma before the next
			if comma := strings.LastIndexAny(text[i:i+next], ",;|"); comma >= 0 {
				end = i + comma
			}
		}
		covered = append(covered, span{start, end})
		authority := i
		i = end // what a query says is for the program that is called
		if scheme == "file" || scheme == "unix" || scheme == "sqlite" {
			continue
		}
		stop := endOf(text[:end], authority, "/?#;|&)")
		if at := strings.LastIndexByte(text[authority:stop], '@'); at >= 0 {
			authority += at + 1
		} else if at := strings.LastIndexByte(text[authority:end], '@'); at >= 0 && strings.Contains(text[authority:stop], ":") && !isPort(text[authority:stop]) {
			authority += at + 1 // a password with a slash or # in it, which strict readers refuse
			stop = endOf(text[:end], authority, "/?#;|&)")
		}
		f.members(authority, stop, scheme)
	}
}

func isScheme(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '.' || c == '-' || c == '_'
}

// schemeOf leaves the driver out: postgresql+psycopg2 speaks postgresql.
func schemeOf(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(s), "+")
	return s
}

// isPort reports whether HOST:PORT ends in a number or a variable.
func isPort(authority string) bool {
	after := authority[strings.LastIndexByte(authority, ':')+1:]
	return port.FindString(":"+after) == ":"+after
}

// endOf returns the index of the first of the characters at or after from, or the end. What stands in brackets or in ${…} is stepped over.
func endOf(text string, from int, chars string) int {
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case c == '[' && bracketed.MatchString(text[i:]), c == '$' && strings.HasPrefix(text[i:], "${"):
			if k := strings.IndexAny(text[i:], "]}"); k > 0 {
				i += k
			}
		case strings.IndexByte(chars, c) >= 0:
			return i
		}
	}
	return len(text)
}

// members reads HOST[:PORT],HOST[:PORT]… of a URL's authority.
func (f *finder) members(from, to int, scheme string) {
	for from < to {
		end := from + strings.IndexByte(f.text[from:to]+",", ',')
		if h, rest := f.hostAt(from, end); h > 0 {
			a := Address{Start: from, End: from + h, Port: rest, Scheme: scheme}
			if rest == "" {
				a.Port, a.Default = clientPorts[scheme], true
			}
			f.add(a)
		}
		from = end + 1
	}
}

// hostAt reads HOST[:PORT] that fills the text from i to end: the length of the host, 0 for another host, and the port.
func (f *finder) hostAt(i, end int) (int, string) {
	text, h := f.text, f.host(i, end)
	if h == 0 {
		return 0, ""
	}
	if i+h == end || text[i+h:end] == ":" {
		return h, ""
	}
	if m := port.FindStringSubmatch(text[i+h : end]); m != nil && len(m[0]) == end-i-h {
		return h, m[1]
	}
	return 0, ""
}

// keywords reads connection strings of words and values: libpq's host=… port=…, ADO's Server=…;Port=…, PDO's mysql:host=…, JSON's "host": "…".
func (f *finder) keywords() {
	text := f.text
	if !strings.ContainsAny(text, " ;&,{?") {
		return // one assignment is no connection string
	}
	said := keyPort.FindStringSubmatch(text)
	for _, m := range keyword.FindAllStringSubmatchIndex(text, -1) {
		from, key := m[1], strings.ToLower(text[m[2]:m[3]])
		end := endOf(text, from, " \t\r\n;&\"'})")
		comma := strings.IndexByte(text[from:end]+",", ',')
		h, number := f.hostAt(from, from+comma)
		if h == 0 {
			if comma < end-from { // host=db1,localhost
				f.members(from, end, dialect(text, key))
			}
			continue
		}
		a := Address{Start: from, End: from + h, Port: number, Scheme: dialect(text, key)}
		if number == "" {
			if said != nil {
				a.Port = said[1]
			} else if more := strings.TrimPrefix(text[from+comma:end], ","); isPort("h:" + more) {
				a.Port = more // SQL Server's HOST,PORT
			} else {
				a.Port, a.Default = clientPorts[a.Scheme], true
			}
		}
		f.add(a)
		if comma < end-from && !isPort("h:"+text[from+comma+1:end]) {
			f.members(from+comma+1, end, a.Scheme)
		}
	}
}

// dialect tells whose connection string it is, by the words that only one of them has.
func dialect(text, key string) string {
	if m := dbKind.FindStringSubmatch(text); m != nil {
		return strings.ToLower(m[1])
	}
	lower := strings.ToLower(text)
	switch {
	case strings.Contains(lower, "dbname="), key == "host" && strings.Contains(lower, "username="):
		return "postgresql"
	case strings.Contains(lower, "uid="):
		return "mysql"
	case strings.Contains(lower, "initial catalog="), key != "host" && strings.Contains(lower, "user id="):
		return "sqlserver"
	}
	return "connection"
}

// bare reads HOST:PORT and lone hosts, in lists and in command lines. URLs are read already.
func (f *finder) bare(covered []span) {
	text := f.text
	for i := 0; i < len(text); {
		if c := skipTo(covered, i); c > i {
			i = c
			continue
		}
		if strings.IndexByte(" \t\r\n,;|\"'`(){}<>", text[i]) >= 0 {
			i++
			continue
		}
		end := endOf(text, i, " \t\r\n,;|\"'`()<>{")
		f.token(i, end)
		i = end
	}
}

func skipTo(covered []span, i int) int {
	for _, c := range covered {
		if i >= c.from && i < c.to {
			return c.to
		}
	}
	return i
}

func (f *finder) token(i, end int) {
	text := f.text
	key, user := "", false
	if k := strings.LastIndexByte(text[i:end], '='); k >= 0 {
		key = text[i : i+k]
		i += k + 1
	}
	if k := strings.LastIndexByte(text[i:end], '@'); k >= 0 {
		user = true
		i += k + 1
	}
	if k := strings.IndexByte(text[i:end], ':'); k > 0 && (text[i:i+k] == "tcp" || text[i:i+k] == "udp") {
		i += k + 1
	}
	if text[i:end] == "::1" {
		f.add(Address{Start: i, End: end, Lone: true})
		return
	}
	h := f.host(i, end)
	if h == 0 {
		return
	}
	rest := text[i+h : end]
	if m := port.FindStringSubmatch(rest); m != nil {
		if tail := rest[len(m[0]):]; tail == "" || strings.IndexByte(":/?#.}", tail[0]) >= 0 {
			f.add(Address{Start: i, End: i + h, Port: m[1], Scheme: map[bool]string{true: "user"}[user]})
		}
		return
	}
	if rest == "" && !user && (key == "" || mateable(key)) {
		f.add(Address{Start: i, End: i + h, Lone: true})
	}
}
