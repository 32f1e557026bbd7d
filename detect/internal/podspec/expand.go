package podspec

import (
	"strings"

	"github.com/deploylift/lift/deploy"
)

// expand reads a text in which Kubernetes expands variables when the container starts: $(X) refers to a variable of the container, $$ is one $, and a reference to a variable that the
// container does not have stays as it is. unresolved names such references.
//
// Kubernetes API: Container v1 core, args: "Double $$ are reduced to a single $ … Escaped references will never be expanded".
func expand(text string, defined func(name string) bool) (word deploy.Word, unresolved []string) {
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			word = append(word, deploy.Part{Text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			lit.WriteByte(text[i])
			continue
		}
		switch text[i+1] {
		case '$':
			lit.WriteByte('$')
			i++
		case '(':
			end := strings.IndexByte(text[i:], ')')
			if end < 0 {
				lit.WriteByte('$')
				continue
			}
			name := text[i+2 : i+end]
			if defined(name) {
				flush()
				word = append(word, deploy.Part{Var: name})
			} else {
				lit.WriteString(text[i : i+end+1])
				unresolved = append(unresolved, name)
			}
			i += end
		default:
			lit.WriteByte('$')
		}
	}
	flush()
	if word == nil {
		word = deploy.Lit("")
	}
	return word, unresolved
}
