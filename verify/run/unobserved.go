package run

import "github.com/deploylift/lift/deploy"

// unseen are the parts of a workload at which no aspect looks, with the reason. What is neither here nor looked at by an aspect fails a test.
var unseen = []struct{ field, why string }{
	{"kind", ""}, // by "run", and by what a service does
	{"autostart", "the run starts every workload itself"},
	{"image", "its name decides nothing that a program can see"},
	{"source", "what an image is built from shows in the exchanges with the program"},
	{"build", "how an image is built shows in the exchanges with the program"},
	{"before", "what runs before the program shows in the exchanges; the witness takes the place of the program alone"},
	{"started", "what runs after the start shows in the exchanges; the witness takes the place of the program alone"},
	{"stopping", "what runs before the stop shows in the exchanges; the witness takes the place of the program alone"},
	{"ports", ""}, // by "reach", "published", and the start, which waits for them
	{"probes", "that they find the program ready shows in the start; how often they ask and when they give up is compared in the files alone"},
	{"restart.delay", "how long a supervisor waits before a restart is compared in the files alone"},
	{"restart.attempts", "when a supervisor gives up is compared in the files alone"},
	{"restart.window", "when a supervisor gives up is compared in the files alone"},
	{"start", "when a start or a run takes too long is compared in the files alone"},
	{"resources.cpu.request", "a reservation shows only on a machine that is full"},
	{"resources.cpu.weight", "a share shows only on a machine that is busy"},
	{"resources.memory.request", "a reservation shows only on a machine that is full"},
	{"scale.min", "scaling shows only under load"},
	{"scale.max", "scaling shows only under load"},
	{"schedule", "when it runs is compared in the files alone; that it runs is tried"},
	{"needs", "the order of starts shows in the start, which succeeds; what follows whom is compared in the files alone"},
	{"placement", "there is one machine here"},
	{"security.privileged", ""}, // by the capabilities
	{"logging", "where lines are filed is compared in the files alone"},
	{"mounts", ""}, // by "write" and "mount", as far as listed there
	{"user.name", ""},
	{"user.group", ""},
}

// unobserved returns the part of a workload to which a leaf belongs and the reason why nothing looks at it; no reason where something does. field is the path below the workload.
func unobserved(field deploy.Path) (part, why string) {
	for _, u := range unseen {
		if field.Under(deploy.Path(u.field)) {
			return u.field, u.why
		}
	}
	return "", ""
}
