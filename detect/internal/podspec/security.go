package podspec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiSecurity    = "Kubernetes API: SecurityContext v1 core"
	apiPodSecurity = "Kubernetes API: PodSecurityContext v1 core"
)

const modules = "the model has no settings of a machine's own security modules"

// podSecurity is read before containerSecurity, which beats it.
var podSecurity = Table[*Workload]{Section: "PodSecurityContext", Rows: append(identity(apiPodSecurity),
	Row[*Workload]{Key: "supplementalGroups", Doc: "further groups of the processes", Spec: apiPodSecurity, Example: "[44, 45]", Read: func(w *Workload, n yamldoc.Node) {
		w.Each(n, func(item yamldoc.Node) {
			if v, ok := w.Int(item, 0, maxInt32); ok {
				w.M.User.Groups = append(w.M.User.Groups, strconv.FormatInt(v, 10))
				w.Rec.Part(item.Setting(), w.At.Join("user", "groups"))
			}
		})
	}},
	Row[*Workload]{Key: "fsGroup", Doc: "group that may write the volumes", Spec: apiPodSecurity, Example: "991", Read: func(w *Workload, n yamldoc.Node) {
		if v, ok := w.Int(n, 0, maxInt32); ok {
			Set(w.Reader, n, &w.M.User.Volumes, v, w.At.Join("user", "volumes"))
		}
	}},
	Row[*Workload]{Key: "fsGroupChangePolicy", Doc: "when the owner of a volume's files is changed", Spec: apiPodSecurity, Outcome: ledger.Inert, Reason: "it only makes the mount quicker"},
	Row[*Workload]{Key: "supplementalGroupsPolicy", Doc: "whether the image's groups count", Spec: apiPodSecurity, Example: "Merge", Read: InertIf("Merge", "it is the default", "the model cannot take away the image's own groups")},
	Row[*Workload]{Key: "sysctls", Doc: "settings of the kernel", Spec: apiPodSecurity, Outcome: ledger.Dropped, Reason: "the model has no settings of the kernel", Remedy: "keep a program that needs them on Kubernetes"},
	Row[*Workload]{Key: "seLinuxChangePolicy", Doc: "how volumes are labelled", Spec: apiPodSecurity, Outcome: ledger.Dropped, Reason: modules, Remedy: "carry it over by hand"},
)}

// identity lists the fields that pod and container have in common.
func identity(spec string) []Row[*Workload] {
	return []Row[*Workload]{
		{Key: "runAsUser", Doc: "user id of the processes", Spec: spec, Example: "990", Read: func(w *Workload, n yamldoc.Node) {
			if v, ok := w.Int(n, 0, maxInt32); ok {
				Set(w.Reader, n, &w.M.User.ID, v, w.At.Join("user", "id"))
			}
		}},
		{Key: "runAsGroup", Doc: "group id of the processes", Spec: spec, Example: "991", Read: func(w *Workload, n yamldoc.Node) {
			if v, ok := w.Int(n, 0, maxInt32); ok {
				Set(w.Reader, n, &w.M.User.GroupID, v, w.At.Join("user", "groupID"))
			}
		}},
		{Key: "runAsNonRoot", Doc: "refuses to start as root", Spec: spec, Example: "true", Read: func(w *Workload, n yamldoc.Node) {
			v, ok := w.Bool(n)
			switch {
			case !ok:
			case v && w.M.User.ID.Is(0):
				w.Bad(n, "is true, but runAsUser is 0: the pod does not start", "set another runAsUser, or remove runAsNonRoot")
			default:
				w.Rec.Inert(n.Setting(), "it checks the user at the start and changes nothing")
			}
		}},
		{Key: "seccompProfile", Doc: "filter of system calls", Spec: spec, Example: "{type: RuntimeDefault}", Read: func(w *Workload, n yamldoc.Node) { seccompTable.Apply(w.Reader, w, n) }},
		{Key: "seLinuxOptions", Doc: "SELinux label", Spec: spec, Outcome: ledger.Dropped, Reason: modules, Remedy: "carry it over by hand"},
		{Key: "appArmorProfile", Doc: "AppArmor profile", Spec: spec, Outcome: ledger.Dropped, Reason: modules, Remedy: "carry it over by hand"},
		{Key: "windowsOptions", Doc: "Windows settings", Spec: spec, Outcome: ledger.Dropped, Reason: "lift moves Linux programs alone", Remedy: "leave it on Kubernetes"},
	}
}

var containerSecurity = Table[*Workload]{Section: "SecurityContext", Rows: append(identity(apiSecurity),
	Row[*Workload]{Key: "allowPrivilegeEscalation", Doc: "false: no program gains rights by being run (no_new_privs)", Spec: apiSecurity, Example: "false", Read: func(w *Workload, n yamldoc.Node) {
		if v, ok := w.Bool(n); ok {
			Set(w.Reader, n, &w.M.Security.NoNewPrivileges, !v, w.At.Join("security", "noNewPrivileges"))
		}
	}},
	Row[*Workload]{Key: "readOnlyRootFilesystem", Doc: "the image's files cannot be changed", Spec: apiSecurity, Example: "true", Read: func(w *Workload, n yamldoc.Node) {
		if v, ok := w.Bool(n); ok {
			Set(w.Reader, n, &w.M.Security.ReadOnlyRoot, v, w.At.Join("security", "readOnlyRoot"))
		}
	}},
	Row[*Workload]{Key: "privileged", Doc: "all rights of the machine's root", Spec: apiSecurity, Example: "true", Read: func(w *Workload, n yamldoc.Node) {
		if v, ok := w.Bool(n); ok {
			Set(w.Reader, n, &w.M.Security.Privileged, v, w.At.Join("security", "privileged"))
		}
	}},
	Row[*Workload]{Key: "capabilities", Doc: "rights of root that it keeps", Spec: apiSecurity, Example: "{drop: [ALL], add: [NET_BIND_SERVICE]}", Read: func(w *Workload, n yamldoc.Node) {
		c := &capabilities{Reader: w.Reader}
		capabilityTable.Apply(w.Reader, c, n)
		c.finish(w)
	}},
	Row[*Workload]{Key: "procMount", Doc: "what of /proc it sees", Spec: apiSecurity, Example: "Default", Read: InertIf("Default", "it is the default", "the model has the usual /proc alone")},
)}

var seccompTable = Table[*Workload]{Section: "SeccompProfile", Rows: []Row[*Workload]{
	{Key: "type", Doc: "RuntimeDefault, Unconfined, or Localhost with a file", Spec: apiSecurity, Example: "RuntimeDefault", Read: func(w *Workload, n yamldoc.Node) {
		s, ok := w.OneOf(n, "RuntimeDefault", "Unconfined", "Localhost")
		at := w.At.Join("security", "seccomp")
		switch {
		case !ok:
		case s == "Localhost":
			SetNearly(w.Reader, n, &w.M.Security.Seccomp, "RuntimeDefault", at, "the profile is a file of the nodes; the runtime's own takes its place", "try the program under it, or carry the profile over by hand")
		default:
			Set(w.Reader, n, &w.M.Security.Seccomp, s, at)
		}
	}},
	{Key: "localhostProfile", Doc: "file of the profile on the node", Spec: apiSecurity, Outcome: ledger.Dropped, Reason: "the profile is a file of the nodes", Remedy: "carry the profile over by hand"},
}}

// capabilities are add and drop while they are read.
type capabilities struct {
	*Reader
	add, drop     []string
	addAt, dropAt []yamldoc.Node
}

var capabilityTable = Table[*capabilities]{Section: "Capabilities", Rows: []Row[*capabilities]{
	{Key: "drop", Doc: "rights that are taken away; ALL takes all", Spec: apiSecurity, Example: "[ALL]", Read: func(c *capabilities, n yamldoc.Node) {
		c.Each(n, func(item yamldoc.Node) { c.read(item, &c.drop, &c.dropAt) })
	}},
	{Key: "add", Doc: "rights that are given", Spec: apiSecurity, Example: "[NET_BIND_SERVICE]", Read: func(c *capabilities, n yamldoc.Node) {
		c.Each(n, func(item yamldoc.Node) { c.read(item, &c.add, &c.addAt) })
	}},
}}

func (c *capabilities) read(n yamldoc.Node, to *[]string, at *[]yamldoc.Node) {
	s, ok := c.Name(n)
	if !ok {
		return
	}
	name := strings.ToUpper(s)
	if short := strings.TrimPrefix(name, "CAP_"); short != name {
		c.Rec.Find(ledger.Warning, n.Pos(), n.Path+" begins with CAP_, which Kubernetes puts there itself", "write "+short)
		name = short
	}
	*to, *at = append(*to, name), append(*at, n)
}

// runtimeDefault is what container runtimes leave to root: containerd, oci/spec.go, defaultUnixCaps.
var runtimeDefault = []string{"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}

func (c *capabilities) finish(w *Workload) {
	if len(c.addAt)+len(c.dropAt) == 0 {
		return
	}
	var list deploy.List
	switch {
	case slices.Contains(c.add, "ALL"):
		list = deploy.List{"all"}
	case slices.Contains(c.drop, "ALL") && len(c.add) == 0:
		list = deploy.List{"none"}
	case slices.Contains(c.drop, "ALL"):
		list = c.add
	default:
		for _, name := range runtimeDefault {
			if !slices.Contains(c.drop, name) {
				list = append(list, name)
			}
		}
		for _, name := range c.add {
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
		slices.Sort(list)
		if slices.Equal(list, runtimeDefault) {
			list = deploy.List{"default"}
		} else if len(list) == 0 {
			list = deploy.List{"none"}
		}
	}
	w.M.Security.Capabilities = list
	for _, n := range append(c.addAt, c.dropAt...) {
		w.Rec.Part(n.Setting(), w.At.Join("security", "capabilities"))
	}
}
