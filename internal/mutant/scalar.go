package mutant

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// words are those that a platform takes in one place: a mutant says another one of them, which is no mistake that a parser finds.
var words = [][]string{
	{"true", "false"},
	{"no", "always", "on-failure", "unless-stopped"},
	{"service_started", "service_healthy", "service_completed_successfully"},
	{"Always", "OnFailure", "Never", "IfNotPresent"},
	{"Forbid", "Allow", "Replace"},
	{"PathPrefix", "Exact"},
	{"RuntimeDefault", "Unconfined"},
	{"TCP", "UDP"},
	{"tcp", "udp"},
	{"http", "https"},
	{"ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"},
	{"Ingress", "Egress"},
	{"RollingUpdate", "Recreate"},
	{"Parallel", "OrderedReady"},
	{"Deployment", "StatefulSet"},
	{"ReplacePrefixMatch", "ReplaceFullPath"},
	{"ANY", "GET", "POST"},
	{"ENABLED", "DISABLED"},
	{"x86_64", "arm64"},
	{"Image", "Zip"},
	{"Allow", "Deny"},
	{"ClusterIP", "NodePort", "LoadBalancer"},
	{"SIGTERM", "SIGQUIT", "SIGINT", "SIGUSR1"},
	{"ALL", "NET_ADMIN"},
	{"CMD", "CMD-SHELL"},
	{"Etc/UTC", "Europe/Berlin"},
	{"UTC", "Europe/Berlin"},
	{"volume", "bind", "tmpfs"},
	{"ScheduleAnyway", "DoNotSchedule"},
}

// A script is one leaf: of a long text this many numbers are changed, and this many words, the first ones and the last.
const mostNumbers, mostWords = 6, 3

var token = regexp.MustCompile(`[0-9]+|[A-Za-z]+`)

// others returns other values that a scalar could have, of the same type: a word of the same table; the next number in the place of each number of a text; another word in the place of each word.
func others(text string) []string {
	for _, set := range words {
		if i := slices.Index(set, text); i >= 0 {
			var out []string
			for k := 1; k < len(set); k++ {
				out = append(out, set[(i+k)%len(set)])
			}
			return out
		}
	}
	var out []string
	for _, at := range tokens(text) {
		out = append(out, text[:at[0]]+next(text[at[0]:at[1]])+text[at[1]:])
	}
	switch {
	case text == "":
		out = append(out, "x")
	case len(out) == 0:
		out = append(out, text+"x") // "/", "*"
	case strings.TrimSpace(text) == text && strings.HasPrefix(text, "/"):
		out = append(out, text+"/x") // a path below
	}
	return out
}

// tokens finds the numbers and words of a text that are changed, in order.
func tokens(text string) [][]int {
	all := token.FindAllStringIndex(text, -1)
	isNumber := func(at []int) bool { return text[at[0]] >= '0' && text[at[0]] <= '9' }
	words, numbers := 0, 0
	for _, at := range all {
		if !isNumber(at) {
			words++
		}
	}
	var out [][]int
	nth := 0
	for _, at := range all {
		if isNumber(at) {
			if numbers++; numbers <= mostNumbers {
				out = append(out, at)
			}
			continue
		}
		if nth++; nth < mostWords || nth == words {
			out = append(out, at)
		}
	}
	return out
}

// next is another number, or a word with another letter at its end: what ends in a letter goes on ending in one of the same case.
func next(tok string) string {
	if n, err := strconv.ParseInt(tok, 10, 64); err == nil {
		s := strconv.FormatInt(n+1, 10)
		for len(s) < len(tok) {
			s = "0" + s // 007
		}
		return s
	}
	last := tok[len(tok)-1]
	switch last {
	case 'z':
		last = 'a'
	case 'Z':
		last = 'A'
	case '9':
		last = '8'
	default:
		last++
	}
	return tok[:len(tok)-1] + string(last)
}
