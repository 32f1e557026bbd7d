package pod

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	corev1 "k8s.io/api/core/v1"
)

// Seccomp profiles of the model.
const (
	runtimeDefault = "RuntimeDefault"
	unconfined     = "Unconfined"
)

// IsRoot reports whether the program runs as root, as far as the model tells: an absent user is the image's, which is root unless it says otherwise.
func IsRoot(w *deploy.Workload) bool { return w.User.ID.Or(0) == 0 }

// LowerSecurity makes the security settings explicit and hardens what does not run as root to the restricted Pod Security Standard
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
func LowerSecurity(o Workload) {
	s := &o.W.Security
	privileged, root := s.Privileged.Is(true), IsRoot(o.W)
	known := !s.Capabilities.IsSet() || slices.Equal(s.Capabilities, deploy.List{"default"}) || slices.Equal(s.Capabilities, deploy.List{"none"}) ||
		slices.Equal(s.Capabilities, deploy.List{"NET_BIND_SERVICE"})
	const restricted = "the restricted Pod Security Standard wants it, and a program that is not root loses nothing but set-user-ID programs"
	Default(o, &s.Privileged, false, "Kubernetes' own default", "security", "privileged")
	Default(o, &s.ReadOnlyRoot, false, "Kubernetes' own default: the source does not forbid writing", "security", "readOnlyRoot")
	switch {
	case privileged:
		Default(o, &s.NoNewPrivileges, false, "a privileged container has all privileges", "security", "noNewPrivileges")
		Approximate(o, &s.NoNewPrivileges, false, "Kubernetes refuses it for a privileged container", "run it without privileged", "security", "noNewPrivileges")
		Default(o, &s.Seccomp, unconfined, "a privileged container is not confined", "security", "seccomp")
	case root || !known:
		Default(o, &s.NoNewPrivileges, false, "Kubernetes' own default", "security", "noNewPrivileges")
		Default(o, &s.Seccomp, runtimeDefault, "container runtimes confine every container with it when nothing is said", "security", "seccomp")
	default:
		Default(o, &s.NoNewPrivileges, true, restricted, "security", "noNewPrivileges")
		Approximate(o, &s.NoNewPrivileges, true, restricted, "patch allowPrivilegeEscalation to true if it starts one", "security", "noNewPrivileges")
		Default(o, &s.Seccomp, runtimeDefault, "the restricted Pod Security Standard wants it, and container runtimes do so by default", "security", "seccomp")
		Approximate(o, &s.Seccomp, runtimeDefault, "the restricted Pod Security Standard wants a profile", "patch seccompProfile to Unconfined if it needs unusual system calls", "security", "seccomp")
	}
	if p, ok := s.Seccomp.Get(); ok && p != runtimeDefault && p != unconfined {
		Approximate(o, &s.Seccomp, runtimeDefault, "a profile of one's own must lie on every node", "install it on the nodes and use seccompProfile type Localhost", "security", "seccomp")
	}
	caps := o.To.Join("security", "capabilities")
	switch {
	case !s.Capabilities.IsSet() && (root || privileged):
		s.Capabilities = deploy.List{"default"}
		o.L.Assume(caps, "default", "the container runtime's own set")
	case !s.Capabilities.IsSet():
		s.Capabilities = deploy.List{"none"}
		o.L.Assume(caps, "none", "a program that is not root has no capabilities in use")
	case slices.Equal(s.Capabilities, deploy.List{"default"}) && !root && !privileged:
		s.Capabilities = deploy.List{"none"}
		o.L.Approximate(o.From.Join("security", "capabilities"), "the restricted Pod Security Standard wants all dropped, and a program that is not root has none of them in use",
			"name those that it needs in lift.yaml", caps)
	}
	switch {
	case privileged:
		o.Notice(ledger.Warning, "runs privileged: namespaces with a Pod Security level of baseline or restricted refuse it", "give it the capabilities that it needs instead", "security", "privileged")
	case root:
		o.Notice(ledger.Warning, "runs as root: namespaces with Pod Security level restricted refuse it", "give it a user with a number other than 0", "user", "id")
	case !known:
		o.Notice(ledger.Warning, "keeps capabilities that Pod Security level restricted refuses: "+s.Capabilities.String(), "drop those that it does not need", "security", "capabilities")
	}
}

// LowerUser keeps the numbers of users and groups.
func LowerUser(o Workload) {
	u := &o.W.User
	lost := "a pod knows users by number alone"
	remedy := "set the number in lift.yaml; without it the image's own user runs"
	if u.ID.IsSet() {
		Idle(o, &u.Name, "the number stands for the name", "user", "name")
	}
	if u.GroupID.IsSet() {
		Idle(o, &u.Group, "the number stands for the name", "user", "group")
	}
	Drop(o, &u.Name, lost, remedy, "user", "name")
	Drop(o, &u.Group, lost, remedy, "user", "group")
	var numbers deploy.List
	for _, g := range u.Groups {
		if n, err := strconv.ParseInt(g, 10, 64); err == nil && n >= 0 && strconv.FormatInt(n, 10) == g {
			numbers = append(numbers, g)
		}
	}
	if len(numbers) < len(u.Groups) {
		from, to := o.From.Join("user", "groups"), o.To.Join("user", "groups")
		if u.Groups = numbers; numbers.IsSet() {
			o.L.Approximate(from, "a pod knows groups by number alone", "replace the names by numbers", to)
		} else {
			o.L.Drop(from, "a pod knows groups by number alone", "replace the names by numbers")
		}
	}
}

// Context prints the security settings. The parts that Kubernetes has for the whole pod come in the first, those of the container in the second.
func Context(w deploy.Workload) (*corev1.PodSecurityContext, *corev1.SecurityContext, error) {
	pod, c := &corev1.PodSecurityContext{}, &corev1.SecurityContext{}
	if id, ok := w.User.ID.Get(); ok {
		pod.RunAsUser = &id
		if id != 0 {
			pod.RunAsNonRoot = new(true)
		}
	}
	if id, ok := w.User.GroupID.Get(); ok {
		pod.RunAsGroup = &id
	}
	for _, g := range w.User.Groups {
		n, err := strconv.ParseInt(g, 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("user.groups: %q is no number", g)
		}
		pod.SupplementalGroups = append(pod.SupplementalGroups, n)
	}
	if id, ok := w.User.Volumes.Get(); ok {
		pod.FSGroup = &id
	}
	switch profile := w.Security.Seccomp.Or(unconfined); profile {
	case runtimeDefault, unconfined:
		if w.Security.Seccomp.IsSet() {
			pod.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileType(profile)}
		}
	default:
		return nil, nil, fmt.Errorf("security.seccomp: %q has no form; use RuntimeDefault or Unconfined", profile)
	}
	if deny, ok := w.Security.NoNewPrivileges.Get(); ok {
		c.AllowPrivilegeEscalation = new(!deny)
	}
	if w.Security.Privileged.Is(true) {
		c.Privileged = new(true)
	}
	if ro, ok := w.Security.ReadOnlyRoot.Get(); ok {
		c.ReadOnlyRootFilesystem = &ro
	}
	switch caps := w.Security.Capabilities; {
	case !caps.IsSet() || slices.Equal(caps, deploy.List{"default"}):
	case slices.Equal(caps, deploy.List{"none"}):
		c.Capabilities = &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}
	case slices.Equal(caps, deploy.List{"all"}):
		c.Capabilities = &corev1.Capabilities{Add: []corev1.Capability{"ALL"}}
	default:
		c.Capabilities = &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}
		for _, name := range caps {
			c.Capabilities.Add = append(c.Capabilities.Add, corev1.Capability(name))
		}
	}
	return pod, c, nil
}
