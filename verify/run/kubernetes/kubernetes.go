// Package kubernetes runs a system as kubectl's user would: what was written is applied to a fresh namespace of the cluster that the kubeconfig's context names, and the cluster does the rest.
//
// The objects stay as they are but for what a second copy needs: their namespace, the Secrets that people would create, a Gateway of the name that the routes ask for; where images are brought into the
// cluster, their names; and, where the witness takes a program's place, image and command.
//
// client-go is used for what would be wrong to write anew: reading kubeconfigs, authentication, the streams of exec and port-forward. Its typed clients are not: they register every type of Kubernetes at the
// start of the program, which costs the plain command milliseconds.
package kubernetes

import (
	"context"
	"time"

	"github.com/deploylift/lift/verify/run"
)

// Options are what a user may say about the cluster.
type Options struct {
	Kubeconfig   string            // path; "": as kubectl finds it ($KUBECONFIG, ~/.kube/config)
	Context      string            // of the kubeconfig; "": the current one
	Images       map[string]string // image of the manifests → reference under which the local Docker engine has the one to run; those that are missing are looked for under their own names
	Load         string            // shell command that brings a docker-archive into the cluster, {} being its path: "kind load image-archive {}". "": the cluster pulls images itself
	Unload       string            // shell command that takes an image away again, {} being its name: "docker exec kind-control-plane crictl rmi {}"
	Docker       string            // the docker command, for Load; "": docker
	GatewayClass string            // of the Gateway that the run makes; "": the only one that the cluster has
	IngressClass string            // in place of the one that the manifests name; "": that one, or the only one that the cluster has
	Timeout      time.Duration     // until everything is ready; 0: three minutes
}

// Runner runs systems on a Kubernetes cluster.
type Runner struct{ options Options }

// New returns the runner.
func New(o Options) *Runner {
	if o.Timeout <= 0 {
		o.Timeout = readyTime
	}
	if o.Docker == "" {
		o.Docker = "docker"
	}
	return &Runner{o}
}

var _ run.Runner = (*Runner)(nil)

// Name is what --on calls it.
func (*Runner) Name() string { return "kubernetes" }

// Everything that a run makes outside of its namespace, and the namespace itself, carries these: a label, and an annotation where Kubernetes allows the text in no label.
const (
	labelRun   = "lift.run"   // the namespace's name
	labelOwner = "lift.owner" // the process that the run belongs to
)

// How long things may take.
const (
	answerTime = 30 * time.Second // a question to the API server
	cleanTime  = 3 * time.Minute  // cleaning up, whatever became of the run
	readyTime  = 3 * time.Minute  // until everything is ready
	stopSlack  = time.Minute      // beyond its grace period, until a pod is gone
	pause      = 400 * time.Millisecond
)

// progressOf prints lines of this runner, if anybody listens.
func progressOf(s run.System) func(format string, args ...any) {
	if s.Progress == nil {
		return func(string, ...any) {}
	}
	return func(format string, args ...any) { s.Progress("kubernetes: "+format, args...) }
}

// own gives a clean-up time of its own: it has to be done when ctx has ended as well.
func own(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}

// sleep waits, and reports whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
