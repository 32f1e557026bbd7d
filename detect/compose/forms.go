package compose

// Forms of commands, signals and health checks that compose files and Dockerfiles share. The same file stands in detect/compose and detect/dockerfile, because no format folder
// imports another one; TestFormsAreTheSame keeps the two equal.

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
)

// tini is the front of an entrypoint that passes each signal on to the whole process group.
var tini = []string{"/usr/bin/tini", "-g", "--"}

// cutTini takes the front off that makes the stop signal reach every process.
func cutTini(words []string) (rest []string, group bool) {
	if len(words) < len(tini) {
		return words, false
	}
	for i, w := range tini {
		if words[i] != w {
			return words, false
		}
	}
	return words[len(tini):], true
}

var shells = map[string]bool{"sh": true, "bash": true, "dash": true, "ash": true, "zsh": true, "ksh": true}

// shellScript recognises [SHELL, "-c", SCRIPT], whose normal form in the model is a Shell and one word.
func shellScript(words []string) (shell, script string, ok bool) {
	if len(words) != 3 || words[1] != "-c" || !shells[path.Base(words[0])] || strings.Contains(words[0], "/") && !path.IsAbs(words[0]) {
		return "", "", false
	}
	return words[0], words[2], true
}

// commandOf brings the words of a command into the model's normal form.
func commandOf(words []string) deploy.Command {
	if sh, script, ok := shellScript(words); ok {
		return deploy.Command{Shell: deploy.Some(sh), Argv: deploy.Args(script)}
	}
	return deploy.Command{Argv: deploy.Args(words...)}
}

// commandFields are the leaves that commandOf set, below the command's path.
func commandFields(c deploy.Command, at deploy.Path) []deploy.Path {
	var out []deploy.Path
	if c.Argv.IsSet() {
		out = append(out, at.Join("argv"))
	}
	if c.Shell.IsSet() {
		out = append(out, at.Join("shell"))
	}
	return out
}

var signals = [...]string{
	1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1", 11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM",
	16: "STKFLT", 17: "CHLD", 18: "CONT", 19: "STOP", 20: "TSTP", 21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU", 25: "XFSZ", 26: "VTALRM", 27: "PROF", 28: "WINCH", 29: "IO",
	30: "PWR", 31: "SYS",
}

const firstRealtime, lastRealtime = 34, 64 // as the container runtimes number them

// signalName brings a signal ("15", "term", "SIGRTMIN+3") into the form SIGTERM.
func signalName(text string) (string, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		switch {
		case n > 0 && n < len(signals):
			return "SIG" + signals[n], true
		case n == firstRealtime:
			return "SIGRTMIN", true
		case n > firstRealtime && n <= lastRealtime:
			return "SIGRTMIN+" + strconv.Itoa(n-firstRealtime), true
		}
		return "", false
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	for _, s := range signals {
		if s != "" && s == name {
			return "SIG" + s, true
		}
	}
	if name == "POLL" {
		return "SIGIO", true
	}
	if m := realtime.FindStringSubmatch(name); m != nil {
		n, err := strconv.Atoi("0" + strings.TrimLeft(m[2], "+-"))
		return "SIG" + name, err == nil && n <= lastRealtime-firstRealtime
	}
	return "", false
}

var realtime = regexp.MustCompile(`^(RTMIN|RTMAX)(\+[0-9]{1,2}|-[0-9]{1,2})?$`)

// userOf reads USER[:GROUP]. A number is an id; a name is a name, of which only root's id is known.
func userOf(text string) (u deploy.User, fields []string, ok bool) {
	user, group, both := strings.Cut(text, ":")
	if user == "" || both && group == "" || strings.ContainsAny(text, " \t\n$") {
		return u, nil, false
	}
	if n, err := strconv.ParseUint(user, 10, 32); err == nil {
		u.ID, fields = deploy.Some(int64(n)), append(fields, "id")
	} else {
		u.Name, fields = deploy.Some(user), append(fields, "name")
		if user == "root" {
			u.ID, fields = deploy.Some(int64(0)), append(fields, "id")
		}
	}
	if n, err := strconv.ParseUint(group, 10, 32); err == nil {
		u.GroupID, fields = deploy.Some(int64(n)), append(fields, "groupID")
	} else if both {
		u.Group, fields = deploy.Some(group), append(fields, "group")
		if group == "root" {
			u.GroupID, fields = deploy.Some(int64(0)), append(fields, "groupID")
		}
	}
	return u, fields, true
}

// httpTest is a health check that is an HTTP request.
type httpTest struct {
	path   string
	port   int64
	client string
}

var (
	nodeTest   = regexp.MustCompile(`^fetch\('(http://[^'\\]*)'\)\.then\(r=>process\.exit\(r\.ok\?0:1\),\(\)=>process\.exit\(1\)\)$`)
	pythonTest = regexp.MustCompile(`^import urllib\.request as u; u\.urlopen\('(http://[^'\\]*)', timeout=([0-9]{1,6})\)$`)
	ownURL     = regexp.MustCompile(`^http://(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\])(?::([0-9]{1,5}))?(/[^\s#]*)?$`)
	orExit     = regexp.MustCompile(`\s*\|\|\s*exit\s+1\s*;?\s*$`)
)

// httpTestOf recognises the words of a check that asks the program itself over HTTP and succeeds on its status alone. timeout is the check's own, which the Python form repeats.
func httpTestOf(words []string, timeout time.Duration) (httpTest, bool) {
	if len(words) < 2 {
		return httpTest{}, false
	}
	switch prog, args := words[0], words[1:]; prog {
	case "node":
		if len(args) == 2 && args[0] == "-e" {
			if m := nodeTest.FindStringSubmatch(args[1]); m != nil {
				return ownRequest(m[1], "node")
			}
		}
	case "python3":
		if len(args) == 2 && args[0] == "-c" {
			if m := pythonTest.FindStringSubmatch(args[1]); m != nil {
				s, err := strconv.Atoi(m[2])
				own := time.Duration(s) * time.Second
				if err == nil && (own-timeout).Abs() < time.Second || own == time.Second && timeout < time.Second {
					return ownRequest(m[1], "python3")
				}
			}
		}
	case "curl":
		return withFlags(args, "curl", "fsSk", []string{"--fail", "--silent", "--show-error"}, []string{"-o", "--output"}, "f", "--fail")
	case "wget":
		return withFlags(args, "wget", "qS", []string{"--quiet", "--spider", "--no-verbose", "-nv", "--tries=1", "--output-document=/dev/null", "--output-document=-"},
			[]string{"-O", "--output-document"}, "", "")
	}
	return httpTest{}, false
}

// withFlags accepts a call of curl or wget with one URL and only flags that do not change what counts as success. must is the flag without which any answer is a success.
func withFlags(args []string, client, short string, long, outputs []string, must, mustLong string) (httpTest, bool) {
	url, sure := "", must == ""
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case contains(long, a):
			sure = sure || a == mustLong
		case contains(outputs, a):
			if i++; i >= len(args) || args[i] != "/dev/null" && args[i] != "-" {
				return httpTest{}, false
			}
		case len(a) > 1 && a[0] == '-' && a[1] != '-':
			flags := a[1:]
			if k := strings.IndexByte(flags, outputs[0][1]); k >= 0 { // -qO-, -qO/dev/null, -so /dev/null
				to := flags[k+1:]
				flags = flags[:k]
				if to == "" {
					if i++; i < len(args) {
						to = args[i]
					}
				}
				if to != "-" && to != "/dev/null" {
					return httpTest{}, false
				}
			}
			if strings.Trim(flags, short) != "" {
				return httpTest{}, false
			}
			sure = sure || strings.Contains(flags, must)
		case url == "" && !strings.HasPrefix(a, "-"):
			url = a
		default:
			return httpTest{}, false
		}
	}
	if !sure {
		return httpTest{}, false
	}
	return ownRequest(url, client)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func ownRequest(url, client string) (httpTest, bool) {
	m := ownURL.FindStringSubmatch(url)
	if m == nil {
		return httpTest{}, false
	}
	t := httpTest{path: m[2], port: 80, client: client}
	if t.path == "" {
		t.path = "/"
	}
	if m[1] != "" {
		t.port, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return t, t.port > 0 && t.port < 1<<16
}

// testOf reads the test of a health check: exec words, or a script for the shell.
func testOf(words []string, shell bool, timeout time.Duration) (h httpTest, isHTTP bool, c deploy.Command) {
	if shell {
		script := strings.Join(words, " ")
		simple := orExit.ReplaceAllString(script, "")
		if !strings.ContainsAny(simple, "$`") {
			if ws, rest, ok := splitWords(simple); ok && rest == "" {
				if h, isHTTP = httpTestOf(ws, timeout); isHTTP {
					return h, true, c
				}
			}
		}
		return h, false, deploy.Command{Shell: deploy.Some("/bin/sh"), Argv: deploy.Args(script)}
	}
	if h, isHTTP = httpTestOf(words, timeout); isHTTP {
		return h, true, c
	}
	return h, false, commandOf(words)
}

// splitWords splits a command line as compose does: white space separates, quotes and backslashes protect, \n and \t outside of single quotes are a line feed and a tab, nothing is
// expanded. An unprotected ; & | < or > ends the command: what follows it is returned as rest. Unbalanced quotes and bare parentheses are refused.
func splitWords(line string) (words []string, rest string, ok bool) {
	var cur strings.Builder
	inWord := false
	var quote rune // ' " ` or ) for $(…)
	escaped := false
	for i, r := range line {
		if escaped {
			escaped, inWord = false, true
			switch {
			case quote == '`' || quote == ')':
				cur.WriteRune('\\')
				cur.WriteRune(r)
			case r == 'n':
				cur.WriteRune('\n')
			case r == 't':
				cur.WriteRune('\t')
			default:
				cur.WriteRune(r)
			}
			continue
		}
		if r == '\\' {
			if quote == '\'' {
				cur.WriteRune(r)
			} else {
				escaped = true
			}
			continue
		}
		switch {
		case quote == 0 && strings.ContainsRune(" \t\r\n", r):
			if inWord {
				words, inWord = append(words, cur.String()), false
				cur.Reset()
			}
			continue
		case quote == 0 && strings.ContainsRune(";&|<>", r):
			if inWord && !(r == '>' && strings.Trim(cur.String(), "0123456789") == "") {
				words = append(words, cur.String())
			}
			return words, line[i:], true
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
			continue
		case (quote == '"' || quote == '\'') && r == quote:
			quote, inWord = 0, true
			continue
		case quote == 0 && r == '`':
			quote = '`'
		case quote == '`' && r == '`', quote == ')' && r == ')':
			quote = 0
		case quote == 0 && r == '(' && strings.HasSuffix(cur.String(), "$"):
			quote = ')'
		case (quote == 0 || quote == ')') && r == '(', quote == 0 && r == ')':
			return nil, "", false
		}
		inWord = true
		cur.WriteRune(r)
	}
	if quote != 0 || escaped {
		return nil, "", false
	}
	if inWord {
		words = append(words, cur.String())
	}
	return words, "", true
}
