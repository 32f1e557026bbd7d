package language

import (
	"slices"
	"strings"
)

// script returns the task of package.json that a package manager's command starts, and the shell command that it stands for in the end. ok is false where the manager does more than to start that one
// command: scripts before and after it, options, further arguments.
func (p *Program) script(inv invocation) (task Task, text string, ok bool) {
	if inv.runtime != "node" || inv.task == "" || inv.chdir != "" || inv.pkg != "" {
		return task, "", false
	}
	words := slices.DeleteFunc(slices.Clone(inv.args), func(a string) bool { return a == "-s" || a == "--silent" || a == "run" || a == "run-script" })
	if len(words) != 1 || words[0] != inv.task {
		return task, "", false
	}
	name := inv.task
	for range 5 {
		i := p.taskNamed(name)
		if i < 0 || p.taskNamed("pre"+name) >= 0 || p.taskNamed("post"+name) >= 0 {
			return task, "", false
		}
		if task.Name == "" {
			task = p.Tasks[i]
		}
		text = strings.TrimSpace(p.Tasks[i].Value)
		f := strings.Fields(text)
		if len(f) == 0 || !slices.Contains(nodeManagers, f[0]) {
			return task, text, text != ""
		}
		switch {
		case len(f) == 3 && f[1] == "run":
			name = f[2]
		case len(f) == 2 && p.taskNamed(f[1]) >= 0:
			name = f[1]
		default:
			return task, "", false
		}
	}
	return task, "", false
}

func (p *Program) taskNamed(name string) int {
	return slices.IndexFunc(p.Tasks, func(t Task) bool { return t.Name == name })
}
