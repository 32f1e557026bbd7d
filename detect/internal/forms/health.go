package forms

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
)

// HTTPTest is a health check that is an HTTP request to the program itself.
type HTTPTest struct {
	Path   string
	Port   int64
	Client string // the program that asks: curl, wget, node or python3
}

var (
	nodeTest   = lazyregexp.New(`^fetch\('(http://[^'\\]*)'\)\.then\(r=>process\.exit\(r\.ok\?0:1\),\(\)=>process\.exit\(1\)\)$`)
	pythonTest = lazyregexp.New(`^import urllib\.request as u; u\.urlopen\('(http://[^'\\]*)', timeout=([0-9]{1,6})\)$`)
	ownURL     = lazyregexp.New(`^http://(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\])(?::([0-9]{1,5}))?(/[^\s#]*)?$`)
	orExit     = lazyregexp.New(`\s*\|\|\s*exit\s+1\s*;?\s*$`)
)

// httpTestOf recognises the words of a check that asks the program itself over HTTP and succeeds on its status alone. timeout is the check's own, which the Python form repeats.
func httpTestOf(words []string, timeout time.Duration) (HTTPTest, bool) {
	if len(words) < 2 {
		return HTTPTest{}, false
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
	return HTTPTest{}, false
}

// withFlags accepts a call of curl or wget with one URL and only flags that do not change what counts as success. must is the flag without which any answer is a success.
func withFlags(args []string, client, short string, long, outputs []string, must, mustLong string) (HTTPTest, bool) {
	url, sure := "", must == ""
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case slices.Contains(long, a):
			sure = sure || a == mustLong
		case slices.Contains(outputs, a):
			if i++; i >= len(args) || args[i] != "/dev/null" && args[i] != "-" {
				return HTTPTest{}, false
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
					return HTTPTest{}, false
				}
			}
			if strings.Trim(flags, short) != "" {
				return HTTPTest{}, false
			}
			sure = sure || strings.Contains(flags, must)
		case url == "" && !strings.HasPrefix(a, "-"):
			url = a
		default:
			return HTTPTest{}, false
		}
	}
	if !sure {
		return HTTPTest{}, false
	}
	return ownRequest(url, client)
}

func ownRequest(url, client string) (HTTPTest, bool) {
	m := ownURL.FindStringSubmatch(url)
	if m == nil {
		return HTTPTest{}, false
	}
	t := HTTPTest{Path: m[2], Port: 80, Client: client}
	if t.Path == "" {
		t.Path = "/"
	}
	if m[1] != "" {
		t.Port, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return t, t.Port > 0 && t.Port < 1<<16
}

// TestOf reads the test of a health check: exec words, or a script for the shell. timeout is the check's own. One that is an HTTP request to the program itself is h, any other c.
func TestOf(words []string, shell bool, timeout time.Duration) (h HTTPTest, isHTTP bool, c deploy.Command) {
	if shell {
		script := strings.Join(words, " ")
		simple := orExit.ReplaceAllString(script, "")
		if !strings.ContainsAny(simple, "$`") {
			if ws, rest, ok := SplitWords(simple); ok && rest == "" {
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
	return h, false, CommandOf(words)
}
