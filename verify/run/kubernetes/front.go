package kubernetes

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/witness"
	corev1 "k8s.io/api/core/v1"
)

// witnessPath is where the witness is in a container.
const witnessPath = "/.lift/witness"

// inFront puts the witness in front of a container's program. What the manifest leaves to the image is taken from there, by the rules of Kubernetes: a command takes the place of the image's entrypoint and lets
// go of its arguments as well. The manifest's own arguments stay where they are.
func inFront(c corev1.Container, entrypoint, cmd []string) (command, args []string) {
	command, args = c.Command, c.Args
	if len(command) == 0 {
		command = escape(entrypoint)
		if len(args) == 0 {
			args = escape(cmd)
		}
	}
	n := run.Front(command)
	if n == len(command) && n > 0 && command[n-1] != "--" { // the options of the init may go on among the arguments
		all := slices.Concat(command, args)
		n = run.Front(all)
		command, args = all[:n], all[n:]
	}
	return slices.Concat(command[:n], []string{witnessPath, "--"}, command[n:]), args
}

// escape keeps the kubelet from expanding $(NAME) in words: two dollar signs are one.
func escape(words []string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, escapeText(w))
	}
	return out
}

func escapeText(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// putWitness puts the witness in front of a container's program, as the manifest has the container.
func putWitness(container map[string]any, image entry, plan witness.Plan) error {
	var c corev1.Container
	if err := remodel(container, &c); err != nil {
		return err
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	command, args := inFront(c, image.Entrypoint, image.Cmd)
	container["command"] = command
	delete(container, "args")
	if len(args) > 0 {
		container["args"] = args
	}
	env, _ := container["env"].([]any)
	container["env"] = append(slices.Clone(env), map[string]any{"name": witness.Variable, "value": escapeText(string(text))})
	return nil
}
