package podspec

import (
	"fmt"
	"strconv"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiLifecycle = "Kubernetes API: Lifecycle v1 core"

// readInit reads the steps before the start: containers of the program's own image. The program's container has been read by then.
func (w *Workload) readInit(n yamldoc.Node) {
	if w.refuse(n, "initContainers") {
		return
	}
	if n.IsSeq() {
		w.Rec.Place(w.At.Join("before"), n.KeyPos())
	}
	w.Each(n, func(item yamldoc.Node) {
		if !item.IsMap() || item.IsLeaf() {
			w.Wrong(item, "write a container with name, image and command")
			return
		}
		w.checkName(item)
		if w.readWait(item) {
			return
		}
		drop := func(reason, remedy string) {
			w.Rec.Find(ledger.Warning, item.Pos(), item.Path+" dropped: "+reason, remedy)
			w.Drop(item, reason, remedy)
		}
		switch {
		case item.Get("restartPolicy").Str() == "Always":
			drop("sidecars are read by a later version", "give it a workload of its own")
			return
		case item.Get("image").Str() != w.container.Get("image").Str():
			drop("a step before the start runs in the program's own image", "put the step into the program's image, or make it a Job")
			return
		}
		w.readTask(item)
	})
}

// step is one init container while it is read.
type step struct {
	*Workload
	at   deploy.Path
	root bool
}

// same accounts for a field of an init container that repeats the program's container.
func same(s *step, n yamldoc.Node) {
	name := lastName(n.Path)
	main := s.container.Get(name)
	if equal(n, main) {
		s.Inert(n, "as in the program's own container")
		return
	}
	reason, remedy := "a step before the start has the program's own "+name, "write the same in both containers, or make the step a Job"
	s.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
	s.Drop(n, reason, remedy)
}

func lastName(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

// equal compares two nodes.
func equal(a, b yamldoc.Node) bool {
	switch {
	case a.IsScalar() && b.IsScalar():
		return a.Str() == b.Str() && a.Tag() == b.Tag()
	case a.IsSeq() && b.IsSeq():
		x, y := a.Items(), b.Items()
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case a.IsMap() && b.IsMap():
		x := a.Entries()
		if len(x) != len(b.Entries()) {
			return false
		}
		for _, e := range x {
			if !equal(e.Value, b.Get(e.Key)) {
				return false
			}
		}
		return true
	}
	return false
}

var stepTable = Table[*step]{Section: "Container (init)", Rows: []Row[*step]{
	{Key: "name", Doc: "name of the container", Spec: apiContainer, Outcome: ledger.Inert, Reason: "steps are numbered"},
	{Key: "image", Doc: "the program's own image", Spec: apiContainer, Outcome: ledger.Inert, Reason: "it is the program's own image"},
	{Key: "securityContext", Doc: "runAsUser 0: the step runs as root", Spec: apiContainer, Example: "{runAsUser: 0}", Read: stepSecurity},
	{Key: "command", Doc: "the step, without args", Spec: apiContainer, Example: "[./migrate]", Read: func(*step, yamldoc.Node) {}},
	{Key: "args", Doc: "its arguments", Spec: apiContainer, Example: "[--all]", Read: func(*step, yamldoc.Node) {}},
	{Key: "env", Doc: "the program's own variables", Spec: apiContainer, Read: same, Example: "[]", Outcome: ledger.Inert, Reason: "as in the program's own container"},
	{Key: "envFrom", Doc: "the program's own variables", Spec: apiContainer, Read: same, Example: "[]", Outcome: ledger.Inert, Reason: "as in the program's own container"},
	{Key: "volumeMounts", Doc: "the program's own mounts", Spec: apiContainer, Read: same, Example: "[]", Outcome: ledger.Inert, Reason: "as in the program's own container"},
	{Key: "workingDir", Doc: "the program's own directory", Spec: apiContainer, Read: same, Example: "/srv/web", Outcome: ledger.Inert, Reason: "as in the program's own container"},
	{Key: "resources", Doc: "requests and limits", Spec: apiContainer, Read: same, Example: "{}", Outcome: ledger.Inert, Reason: "as in the program's own container"},
	{Key: "imagePullPolicy", Doc: "when the image is fetched again", Spec: apiContainer, Outcome: ledger.Inert, Reason: "when the image is fetched is the platform's business"},
	{Key: "terminationMessagePath", Doc: "file with the last words", Spec: apiContainer, Outcome: ledger.Inert, Reason: "only Kubernetes looks into it"},
	{Key: "terminationMessagePolicy", Doc: "where the last words come from", Spec: apiContainer, Outcome: ledger.Inert, Reason: "only Kubernetes looks into it"},
}}

func stepSecurity(s *step, n yamldoc.Node) {
	main := s.container.Get("securityContext")
	if user := n.Get("runAsUser"); user.IsScalar() && user.Str() == "0" {
		s.root = true
	}
	s.Pairs(n, func(key string, v yamldoc.Node) {
		switch {
		case s.root && key == "runAsUser":
			if _, ok := s.Int(v, 0, 0); ok {
				Set(s.Reader, v, &s.task().Privileged, true, s.at.Join("privileged"))
			}
		case s.root:
			s.Show(v, "the step runs as root, with what root needs")
		case equal(v, main.Get(key)):
			s.Show(v, "as in the program's own container")
		case key == "runAsUser" && v.Str() == s.M.User.ID.String(), key == "runAsGroup" && v.Str() == s.M.User.GroupID.String():
			s.Show(v, "as the program itself")
		default:
			reason, remedy := "a step before the start has the program's own rights, or root's", "write the same in both containers, or make the step a Job"
			s.Rec.Find(ledger.Warning, v.KeyPos(), v.Path+" dropped: "+reason, remedy)
			s.Drop(v, reason, remedy)
		}
	})
}

func (s *step) task() *deploy.Task { return &s.M.Before[len(s.M.Before)-1] }

func (w *Workload) readTask(item yamldoc.Node) {
	s := &step{Workload: w, at: w.At.Join("before", strconv.Itoa(len(w.M.Before)))}
	defined := func(name string) bool { _, ok := w.known[name]; return ok }
	front, ok1 := w.words(item.Get("command"), defined)
	rest, ok2 := w.words(item.Get("args"), defined)
	if !ok1 || !ok2 || len(front)+len(rest) == 0 {
		if ok1 && ok2 {
			w.Rec.Find(ledger.Warning, item.Pos(), item.Path+" dropped: it names no command, and the image's own is not known here", "write command")
		}
		w.leftover(item, "its command is not known here")
		return
	}
	w.M.Before = append(w.M.Before, deploy.Task{})
	w.argv(append(front, rest...), &s.task().Command, s.at.Join("command"))
	stepTable.Apply(w.Reader, s, item)
	Imply(w.Reader, apiSecurity, fmt.Sprintf("%s runAsUser", lastName(item.Path)), &s.task().Privileged, false, s.at.Join("privileged"))
}

// hook is a lifecycle handler while it is read.
type hook struct {
	*Workload
	to *[]deploy.Task
	at deploy.Path
}

var lifecycleTable = Table[*Workload]{Section: "Lifecycle", Rows: []Row[*Workload]{
	{Key: "postStart", Doc: "command after the start", Spec: apiLifecycle, Example: "{exec: {command: [./warm]}}", Read: func(w *Workload, n yamldoc.Node) {
		hookTable.Apply(w.Reader, &hook{w, &w.M.Started, w.At.Join("started", "0")}, n)
	}},
	{Key: "preStop", Doc: "command before the stop signal", Spec: apiLifecycle, Example: "{exec: {command: [./drain]}}", Read: func(w *Workload, n yamldoc.Node) {
		hookTable.Apply(w.Reader, &hook{w, &w.M.Stopping, w.At.Join("stopping", "0")}, n)
	}},
	{Key: "stopSignal", Doc: "signal that asks it to stop, in place of the image's", Spec: apiLifecycle, Example: "SIGINT", Read: func(w *Workload, n yamldoc.Node) {
		if s, ok := w.Name(n); ok {
			Set(w.Reader, n, &w.M.Stop.Signal, s, w.At.Join("stop", "signal"))
		}
	}},
}}

var hookTable = Table[*hook]{Section: "LifecycleHandler", Rows: []Row[*hook]{
	{Key: "exec.command", Doc: "program and arguments, without a shell; $ is a letter like any other", Spec: apiLifecycle, Example: "[./drain]", Read: func(h *hook, n yamldoc.Node) {
		ws, ok := h.words(n, nil)
		if !ok || len(ws) == 0 {
			h.leftover(n, "another word of the command cannot be read")
			return
		}
		*h.to = []deploy.Task{{}}
		h.argv(ws, &(*h.to)[0].Command, h.at.Join("command"))
	}},
	{Key: "httpGet", Doc: "request", Spec: apiLifecycle, Outcome: ledger.Dropped, Reason: "the model runs commands, it makes no requests", Remedy: "make the request with a command: exec", Hidden: true},
	{Key: "tcpSocket", Doc: "not used by Kubernetes", Spec: apiLifecycle, Outcome: ledger.Dropped, Reason: "Kubernetes itself does not support it", Remedy: "remove it"},
	{Key: "sleep", Doc: "waits", Spec: apiLifecycle, Outcome: ledger.Dropped, Reason: "waiting lets Kubernetes' own load balancing take notice before the stop", Remedy: "let the program finish open requests after its stop signal"},
}}

func (w *Workload) readLifecycle(n yamldoc.Node) {
	if !w.refuse(n, "lifecycle") {
		lifecycleTable.Apply(w.Reader, w, n)
	}
}
