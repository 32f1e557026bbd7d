package mutant

import (
	"fmt"
	"strings"
)

// ofLines changes a text line by line: each is dropped, doubled, put before its neighbour, and its first words are changed.
func ofLines(data []byte) []Mutant {
	lines := strings.SplitAfter(string(data), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	var out []Mutant
	for i, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		at, body := fmt.Sprintf("line %d", i+1), strings.TrimRight(l, "\n")
		put := func(kind Kind, what string, middle ...string) {
			text := strings.Join(lines[:i], "") + strings.Join(middle, "") + strings.Join(lines[i+1:], "")
			out = append(out, Mutant{Kind: kind, At: at, Line: i + 1, Last: i + 1, What: what, Data: []byte(text)})
		}
		put(Drop, fmt.Sprintf("%q", body))
		put(Duplicate, fmt.Sprintf("%q", body), body+"\n", l)
		if i > 0 && strings.TrimSpace(lines[i-1]) != "" {
			text := strings.Join(lines[:i-1], "") + body + "\n" + lines[i-1] + strings.Join(lines[i+1:], "")
			out = append(out, Mutant{Kind: Swap, At: at, Line: i + 1, Last: i + 1, What: fmt.Sprintf("%q stands before %q", body, strings.TrimSpace(lines[i-1])), Data: []byte(text)})
		}
		for k, now := range others(body) {
			if k == 4 {
				break
			}
			put(Change, fmt.Sprintf("%q is %q", body, now), now+l[len(body):])
		}
	}
	return out
}
