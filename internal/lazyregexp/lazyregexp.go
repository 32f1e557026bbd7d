// Package lazyregexp compiles regular expressions at their first use, so that a command that needs none of them does not pay for all at its start.
package lazyregexp

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression (syntax of the package regexp) that is compiled when it is first used.
type Regexp struct {
	get func() *regexp.Regexp
}

// New returns the expression. One that cannot be compiled panics at its first use.
func New(expr string) *Regexp {
	return &Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })}
}

// MatchString reports whether s contains a match.
func (r *Regexp) MatchString(s string) bool { return r.get().MatchString(s) }

// Match reports whether b contains a match.
func (r *Regexp) Match(b []byte) bool { return r.get().Match(b) }

// FindString returns the leftmost match, "" for none.
func (r *Regexp) FindString(s string) string { return r.get().FindString(s) }

// FindStringIndex returns the place of the leftmost match, nil for none.
func (r *Regexp) FindStringIndex(s string) []int { return r.get().FindStringIndex(s) }

// FindStringSubmatch returns the leftmost match and its groups, nil for none.
func (r *Regexp) FindStringSubmatch(s string) []string { return r.get().FindStringSubmatch(s) }

// FindStringSubmatchIndex returns the places of the leftmost match and its groups, nil for none.
func (r *Regexp) FindStringSubmatchIndex(s string) []int { return r.get().FindStringSubmatchIndex(s) }

// FindAllStringSubmatch returns all matches with their groups, at most n where n is not negative.
func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	return r.get().FindAllStringSubmatch(s, n)
}

// FindAllStringIndex returns the places of all matches, at most n where n is not negative.
func (r *Regexp) FindAllStringIndex(s string, n int) [][]int { return r.get().FindAllStringIndex(s, n) }

// FindAllStringSubmatchIndex returns the places of all matches and their groups, at most n where n is not negative.
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return r.get().FindAllStringSubmatchIndex(s, n)
}

// ReplaceAllString replaces all matches by a template.
func (r *Regexp) ReplaceAllString(s, template string) string {
	return r.get().ReplaceAllString(s, template)
}

// ReplaceAllStringFunc replaces all matches by what f makes of them.
func (r *Regexp) ReplaceAllStringFunc(s string, f func(string) string) string {
	return r.get().ReplaceAllStringFunc(s, f)
}
