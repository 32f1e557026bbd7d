//go:build linux

package processes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// writeAccounts makes the system's users known to programs that look them up: they stand before the machine's own of the same number, and in the place of those of the same name.
func writeAccounts(etc string, list []account) error {
	if len(list) == 0 {
		return nil
	}
	var users, groups []string
	names, groupNames := map[string]bool{}, map[string]bool{}
	for _, a := range list {
		if a.Name != "" && !names[a.Name] {
			names[a.Name] = true
			users = append(users, fmt.Sprintf("%s:x:%d:%d::%s:%s", a.Name, a.UID, a.GID, a.Home, a.Shell))
		}
		if a.Group != "" && !groupNames[a.Group] {
			groupNames[a.Group] = true
			groups = append(groups, fmt.Sprintf("%s:x:%d:", a.Group, a.GID))
		}
	}
	return errors.Join(prepend(filepath.Join(etc, "passwd"), users, names), prepend(filepath.Join(etc, "group"), groups, groupNames))
}

func prepend(file string, lines []string, instead map[string]bool) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for l := range strings.Lines(string(text)) {
		if name, _, _ := strings.Cut(l, ":"); !instead[name] {
			lines = append(lines, strings.TrimSuffix(l, "\n"))
		}
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// known are the users or groups that a file of the machine (passwd(5), group(5)) lists: name → its numbers.
func known(file string) map[string][]int {
	text, _ := os.ReadFile(file)
	out := map[string][]int{}
	for l := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(l), ":")
		if len(f) < 3 || slices.Contains([]string{"", "+"}, f[0]) {
			continue
		}
		var numbers []int
		for _, t := range f[2:min(4, len(f))] {
			if n, err := strconv.Atoi(t); err == nil {
				numbers = append(numbers, n)
			}
		}
		if len(numbers) > 0 {
			out[f[0]] = numbers
		}
	}
	return out
}
