package procfile

import (
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

// The three readers of .env that the tools for Procfiles have, each for one line. They say whether the line sets the variable at all, and to what; fails tells that the tool stops.

// reading is what a tool makes of a line.
type reading struct {
	name, value string
	ok, fails   bool
}

var foremanLine = lazyregexp.New(`^([A-Za-z_0-9]+)=(.*)$`)

// foremanReads follows foreman 0.87, lib/foreman/env.rb.
func foremanReads(line string) reading {
	m := foremanLine.FindStringSubmatch(line)
	if m == nil {
		return reading{}
	}
	v := m[2]
	switch n := len(v); {
	case n > 1 && v[0] == '\'' && v[n-1] == '\'':
		v = v[1 : n-1]
	case n > 1 && v[0] == '"' && v[n-1] == '"':
		// gsub('\n', "\n").gsub(/\\(.)/, '\1'): the dot is no line end
		in := strings.ReplaceAll(v[1:n-1], `\n`, "\n")
		var b strings.Builder
		for i := 0; i < len(in); i++ {
			if in[i] == '\\' && i+1 < len(in) && in[i+1] != '\n' {
				i++
			}
			b.WriteByte(in[i])
		}
		v = b.String()
	}
	return reading{m[1], v, true, false}
}

// herokuReads follows node-foreman 3.0.1, lib/envs.js, which heroku local runs.
func herokuReads(line string) reading {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "#") || len(line) <= 2 {
		return reading{}
	}
	name, v, _ := strings.Cut(line, "=")
	name, v = strings.TrimSpace(name), strings.TrimSpace(v)
	if v == "" {
		return reading{name, v, true, false}
	}
	switch v[0] {
	case '"', '\'':
		end := strings.IndexByte(v[1:], v[0])
		if end < 0 {
			return reading{fails: true}
		}
		return reading{name, v[1 : 1+end], true, false}
	}
	if i := strings.IndexByte(v, '#'); i >= 0 {
		v = strings.TrimRight(v[:i], " \t\v\f\r")
	}
	return reading{name, v, true, false}
}

// honchoReads follows honcho 2, honcho/environ.py: Python's shlex in POSIX mode, all tokens behind "=" joined.
func honchoReads(line string) reading {
	const white = " \t\r"
	rest := strings.TrimLeft(line, white)
	n := strings.IndexFunc(rest, func(r rune) bool { return !isWordChar(r) })
	if n <= 0 || rest[0] >= '0' && rest[0] <= '9' {
		return reading{}
	}
	name := rest[:n]
	rest, ok := strings.CutPrefix(strings.TrimLeft(rest[n:], white), "=")
	if !ok {
		return reading{}
	}
	var b strings.Builder
	tokens := false
	var quote byte
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '"' && c == '\\':
			if i++; i == len(rest) {
				return reading{fails: true}
			}
			if rest[i] != '\\' && rest[i] != '"' {
				b.WriteByte('\\')
			}
			b.WriteByte(rest[i])
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			quote, tokens = c, true
		case c == '\\':
			if i++; i == len(rest) {
				return reading{fails: true}
			}
			b.WriteByte(rest[i])
			tokens = true
		case c == '#':
			i = len(rest)
		case strings.IndexByte(white, c) < 0:
			b.WriteByte(c)
			tokens = true
		}
	}
	switch {
	case quote != 0:
		return reading{fails: true}
	case !tokens:
		return reading{}
	}
	v := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(b.String())
	return reading{name, v, true, false}
}

// differences says which tools read a line otherwise than name=value, without telling the value.
func differences(line, name, value string) string {
	var ignores, stops, others []string
	for _, t := range []struct {
		name  string
		reads func(string) reading
	}{{"foreman", foremanReads}, {"heroku local", herokuReads}, {"honcho", honchoReads}} {
		switch r := t.reads(line); {
		case r.fails:
			stops = append(stops, t.name)
		case !r.ok || r.name != name:
			ignores = append(ignores, t.name)
		case r.value != value:
			others = append(others, t.name)
		}
	}
	var out []string
	say := func(tools []string, one, many string) {
		switch len(tools) {
		case 0:
		case 1:
			out = append(out, tools[0]+" "+one)
		default:
			out = append(out, strings.Join(tools[:len(tools)-1], ", ")+" and "+tools[len(tools)-1]+" "+many)
		}
	}
	say(ignores, "ignores the line", "ignore the line")
	say(stops, "stops at the line", "stop at the line")
	say(others, "reads another value", "read another value")
	return strings.Join(out, ", ")
}
