package mutant

import (
	"fmt"
	"regexp"
	"strings"
)

// instruction is one instruction of a Dockerfile: its text, with what continues it, and where it stands.
type instruction struct {
	text string // with the line feed at its end
	line int
	name string // "RUN[2]", counted by verb
}

// ofDockerfile changes a Dockerfile by instructions, and each of these by its words and by the elements of a JSON list. Comments are left alone.
func ofDockerfile(data []byte) []Mutant {
	before, list := instructions(string(data))
	var out []Mutant
	join := func(list []instruction) []byte {
		var b strings.Builder
		b.WriteString(before)
		for _, in := range list {
			b.WriteString(in.text)
		}
		return []byte(b.String())
	}
	with := func(i int, texts ...string) []byte {
		var all []instruction
		all = append(all, list[:i]...)
		for _, t := range texts {
			all = append(all, instruction{text: t})
		}
		return join(append(all, list[i+1:]...))
	}
	for i, in := range list {
		add := func(kind Kind, at string, data []byte, format string, args ...any) {
			out = append(out, Mutant{Kind: kind, At: in.name + at, Line: in.line, Last: in.line, What: fmt.Sprintf(format, args...), Data: data})
		}
		short := strings.Join(strings.Fields(in.text), " ")
		add(Drop, "", with(i), "%q", short)
		add(Duplicate, "", with(i, in.text, in.text), "%q", short)
		if i > 0 {
			swapped := append([]instruction(nil), list...)
			swapped[i-1], swapped[i] = list[i], list[i-1]
			add(Swap, "", join(swapped), "%q stands before %q", short, strings.Join(strings.Fields(list[i-1].text), " "))
		}
		for n, at := range wordsOf(in.text) {
			word, place := in.text[at[0]:at[1]], fmt.Sprintf(" word %d", n+1)
			rest := strings.TrimLeft(in.text[at[1]:], " ,")
			if element := in.text[at[0]] == '"'; element && !strings.HasPrefix(rest, "]") || !element {
				add(Drop, place, with(i, in.text[:at[0]]+rest), "%s", word)
			} else {
				add(Drop, place, with(i, strings.TrimRight(in.text[:at[0]], " ,")+rest), "%s", word)
			}
			bare := strings.Trim(word, `"`)
			for _, now := range others(bare) {
				now = strings.Replace(word, bare, now, 1)
				add(Change, place, with(i, in.text[:at[0]]+now+in.text[at[1]:]), "%s is %s", word, now)
			}
		}
	}
	return out
}

var wordOrElement = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[^\s\[\]",][^\s]*`)

// wordsOf finds what follows the verb: words, or the elements of a JSON list.
func wordsOf(text string) [][]int {
	var out [][]int
	for n, at := range wordOrElement.FindAllStringIndex(text, -1) {
		if word := text[at[0]:at[1]]; n > 0 && word != `\` && word != "&&" {
			out = append(out, at)
		}
	}
	return out
}

// instructions cuts a Dockerfile; what stands before the first instruction, and comments between them, belong to what follows.
func instructions(text string) (before string, out []instruction) {
	count := map[string]int{}
	going := false
	for i, l := range strings.SplitAfter(text, "\n") {
		trimmed := strings.TrimSpace(l)
		switch {
		case going:
			out[len(out)-1].text += l
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
			if len(out) == 0 {
				before += l
			} else {
				out[len(out)-1].text += l
			}
			continue
		default:
			verb := strings.ToUpper(strings.Fields(trimmed)[0])
			count[verb]++
			out = append(out, instruction{text: l, line: i + 1, name: fmt.Sprintf("%s[%d]", verb, count[verb])})
		}
		going = strings.HasSuffix(trimmed, `\`)
	}
	return before, out
}
