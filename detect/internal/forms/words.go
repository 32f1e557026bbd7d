package forms

import "strings"

// SplitWords splits a command line as compose does: white space separates, quotes and backslashes protect, \n and \t outside of single quotes are a line feed and a tab, nothing is
// expanded. An unprotected ; & | < or > ends the command: what follows it is returned as rest. Unbalanced quotes and bare parentheses are refused.
func SplitWords(line string) (words []string, rest string, ok bool) {
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
