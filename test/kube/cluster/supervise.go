package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// first is the first process of the namespaces: it makes them a place of their own, starts the supervisor and takes in the orphans of all others.
func first(dir string, net network) error {
	if err := ownMounts(dir); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(nodeName)); err != nil {
		return err
	}
	if _, err := io.ReadAll(os.NewFile(4, "plugged")); err != nil { // until the cable is there
		return err
	}
	if err := net.connectNode(); err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", verbSupervise, "--dir", dir, "--network", strconv.Itoa(int(net)))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{os.NewFile(3, "reporter")}
	if err := cmd.Start(); err != nil {
		return err
	}
	cmd.ExtraFiles[0].Close() // up sees the end of the supervisor
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if pid == cmd.Process.Pid {
			return fmt.Errorf("the supervisor ended (%d)", status)
		}
	}
}

// tunables are settings of the kernel that the kubelet sets for the whole machine.
var tunables = []string{
	"/proc/sys/kernel/keys/root_maxbytes", "/proc/sys/kernel/keys/root_maxkeys", "/proc/sys/kernel/panic", "/proc/sys/kernel/panic_on_oops",
	"/proc/sys/vm/overcommit_memory", "/proc/sys/vm/panic_on_oom",
}

// ownMounts hides the machine's directories where programs of the node leave files at places that cannot be chosen.
func ownMounts(dir string) error {
	// what is mounted here stays here, and reaches the pods that ask for it
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""); err != nil {
		return err
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return err
	}
	for _, d := range []string{"/run", "/var/log"} {
		if within(dir, d) {
			return fmt.Errorf("%s lies in %s, which the cluster hides from itself; name another directory", dir, d)
		}
		if err := syscall.Mount("tmpfs", d, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=755"); err != nil {
			return fmt.Errorf("%s: %w", d, err)
		}
	}
	// names below /var/lib that only some of the programs let one choose; others of the machine stay readable
	if within(dir, "/var/lib") {
		return fmt.Errorf("%s lies in /var/lib, which the cluster writes over for itself; name another directory", dir)
	}
	for _, d := range []string{"/run/over/upper", "/run/over/work"} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	if err := syscall.Mount("overlay", "/var/lib", "overlay", 0, "lowerdir=/var/lib,upperdir=/run/over/upper,workdir=/run/over/work"); err != nil {
		return fmt.Errorf("/var/lib: %w", err)
	}
	for i, t := range tunables {
		value, err := os.ReadFile(t)
		if err != nil {
			continue // the kernel has none
		}
		copied := fmt.Sprintf("/run/tunable-%d", i)
		if err := os.WriteFile(copied, value, 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(copied, t, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return nil
}

func within(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

//go:embed manifests/rights.yaml
var rights string

//go:embed manifests/platform.yaml
var platform string

// volumes is how many claims the cluster can serve.
const volumes = 24

// supervise starts all daemons, says that all is ready, and stays, because they end with it.
func supervise(dir string, net network, only bool) error {
	part, err := find(only)
	if err != nil {
		return err
	}
	// The session goes before compilers where the machine lets us: its programs have leases and deadlines. The pods have sessions of their own. See sched(7), autogroup.
	_ = os.WriteFile("/proc/self/autogroup", []byte("-10"), 0)
	s := &supervisor{node: node{dir, net, part}, reports: os.NewFile(3, "reporter"), began: time.Now(), died: map[string]error{}}
	if s.client, err = connect(dir); err != nil {
		return err
	}
	if err := s.control(only); err != nil {
		return err
	}
	if !only {
		if err := s.workers(); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintln(s.reports, ready); err != nil {
		return err
	}
	s.reports.Close()
	select {} // until it is killed
}

type supervisor struct {
	node
	client  *client
	reports *os.File
	began   time.Time

	mu   sync.Mutex
	died map[string]error
}

func (s *supervisor) report(what string) {
	fmt.Fprintf(s.reports, "%s: after %s\n", what, time.Since(s.began).Round(time.Second/10))
}

var errDied = errors.New("ended")

// start starts a daemon that writes to a log of its own.
func (s *supervisor) start(name string, args []string, env ...string) error {
	log, err := os.Create(s.path("log", name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(s.program(name), args...)
	cmd.Env, cmd.Dir = append(s.environment(), env...), s.path("tmp")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		err := cmd.Wait()
		text, _ := os.ReadFile(log.Name())
		lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		s.mu.Lock()
		defer s.mu.Unlock()
		s.died[name] = fmt.Errorf("%s %w (%v); its last words:\n%s", name, errDied, err, bytes.Join(lines[max(0, len(lines)-12):], []byte("\n")))
		fmt.Fprintln(os.Stderr, s.died[name])
	}()
	return nil
}

// until waits for something that a daemon does, or for the end of that daemon.
func (s *supervisor) until(name, what string, done func() (bool, error)) error {
	return wait(what, patience, func() (bool, error) {
		ok, err := done()
		if ok {
			return true, nil
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if died := s.died[name]; died != nil {
			return false, died
		}
		return false, err
	})
}

// answers says whether a URL of a daemon answers.
func answers(url string) func() (bool, error) {
	return func() (bool, error) {
		resp, err := http.Get(url)
		if err != nil {
			return false, err
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK, nil
	}
}

// control starts what the API is made of.
func (s *supervisor) control(only bool) error {
	address, ports := s.net.node(), []string{"2379", "2380"}
	api := apiPort
	if only {
		address = "127.0.0.1"
		api = s.client.server[strings.LastIndexByte(s.client.server, ':')+1:]
		for i := range ports {
			p, err := freePort()
			if err != nil {
				return err
			}
			ports[i] = p
		}
	}
	if err := s.start("etcd", s.etcd(ports[0], ports[1])); err != nil {
		return err
	}
	if err := s.until("etcd", "etcd", answers("http://127.0.0.1:"+ports[0]+"/health")); err != nil {
		return err
	}
	if err := s.start("kube-apiserver", s.apiserver(ports[0], address, api)); err != nil {
		return err
	}
	if err := s.until("kube-apiserver", "the API server", func() (bool, error) {
		_, err := s.client.do(http.MethodGet, "/readyz", "", nil)
		return err == nil, err
	}); err != nil {
		return err
	}
	s.report("API server")
	if err := s.client.create(rights); err != nil {
		return err
	}
	return s.define()
}

// define creates the custom resources and waits until they are served.
func (s *supervisor) define() error {
	files, err := filepath.Glob(filepath.Join(s.part["definitions"], "*.yaml"))
	if err != nil {
		return err
	}
	errs := make([]error, len(files))
	var all sync.WaitGroup
	slots := make(chan bool, 2) // the API server computes for long over each
	for i, f := range files {
		slots <- true
		all.Go(func() {
			defer func() { <-slots }()
			data, err := os.ReadFile(f)
			if err == nil {
				err = s.client.create(string(data))
			}
			if err != nil {
				errs[i] = fmt.Errorf("%s: %w", filepath.Base(f), err)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := s.until("kube-apiserver", "custom resources", func() (bool, error) {
		var list struct {
			Items []struct {
				Status struct{ Conditions []condition }
			}
		}
		if err := s.client.get(collections["CustomResourceDefinition"], &list); err != nil {
			return false, err
		}
		for _, d := range list.Items {
			if !holds(d.Status.Conditions, "Established") {
				return false, nil
			}
		}
		return len(list.Items) > 0, nil
	}); err != nil {
		return err
	}
	s.report("custom resources")
	return nil
}

type condition struct{ Type, Status string }

func holds(conditions []condition, name string) bool {
	return slices.Contains(conditions, condition{name, "True"})
}

// workers starts the node and what runs on it.
func (s *supervisor) workers() error {
	if err := makeCgroups(s.net.cgroup()); err != nil {
		return err
	}
	args, err := s.containerd()
	if err != nil {
		return err
	}
	if err := s.start("containerd", args); err != nil {
		return err
	}
	if err := s.start("kube-controller-manager", s.controllerManager()); err != nil {
		return err
	}
	if err := s.start("kube-scheduler", s.scheduler()); err != nil {
		return err
	}
	if args, err = s.proxy(); err != nil {
		return err
	}
	if err := s.start("kube-proxy", args); err != nil {
		return err
	}
	objects := strings.NewReplacer("NODE_ADDRESS", s.net.node(), "DNS_ADDRESS", s.net.dns()).Replace(platform) + s.localVolumes()
	if err := s.client.create(objects); err != nil {
		return err
	}
	if err := s.makeVolumes(); err != nil {
		return err
	}
	ctr := []string{"--address", s.socket(), "--namespace", "k8s.io"}
	if err := s.until("containerd", "containerd", func() (bool, error) {
		cmd := exec.Command(s.program("ctr"), append(ctr, "version")...)
		err := quiet(cmd)
		return err == nil, err
	}); err != nil {
		return err
	}
	if err := quiet(exec.Command(s.program("ctr"), append(ctr, "images", "import", filepath.Join(s.part["pause"], "pause.tar"))...)); err != nil {
		return err
	}
	s.report("containerd")
	if args, err = s.kubelet(); err != nil {
		return err
	}
	if err := s.start("kubelet", args); err != nil {
		return err
	}
	if args, err = s.coredns(); err != nil {
		return err
	}
	if err := s.start("coredns", args); err != nil {
		return err
	}
	if err := s.start("traefik", s.traefik(), "KUBECONFIG="+s.path("etc", "traefik")); err != nil {
		return err
	}
	for _, d := range []struct {
		daemon, what string
		done         func() (bool, error)
	}{
		{"kubelet", "node", s.conditionOf("/api/v1/nodes/"+nodeName, "Ready")},
		{"kube-proxy", "kube-proxy", answers("http://127.0.0.1:10256/healthz")},
		{"kube-controller-manager", "service account", func() (bool, error) {
			_, err := s.client.do(http.MethodGet, "/api/v1/namespaces/default/serviceaccounts/default", "", nil)
			return err == nil, err
		}},
		{"coredns", "DNS", answers("http://127.0.0.1:8181/ready")},
		{"traefik", "gateway", s.conditionOf("/apis/gateway.networking.k8s.io/v1/gatewayclasses/traefik", "Accepted")},
	} {
		if err := s.until(d.daemon, d.what, d.done); err != nil {
			return err
		}
		s.report(d.what)
	}
	return nil
}

func (s *supervisor) conditionOf(path, name string) func() (bool, error) {
	return func() (bool, error) {
		var o struct {
			Status struct{ Conditions []condition }
		}
		err := s.client.get(path, &o)
		return err == nil && holds(o.Status.Conditions, name), err
	}
}

// makeVolumes makes the directories behind the volumes. They belong to root, as a new disk does: who writes to one needs fsGroup or to be root.
func (s *supervisor) makeVolumes() error {
	for i := range volumes {
		if err := os.MkdirAll(s.path("volumes", fmt.Sprint(i)), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// localVolumes are directories of the node as persistent volumes. On one node each may be mounted by many.
func (s *supervisor) localVolumes() string {
	var out []byte
	for i := range volumes {
		out = fmt.Appendf(out, `
---
apiVersion: v1
kind: PersistentVolume
metadata:
  name: local-%d
spec:
  capacity: {storage: 100Gi}
  accessModes: [ReadWriteOnce, ReadOnlyMany, ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: standard
  local: {path: %s}
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]
`, i, s.path("volumes", fmt.Sprint(i)), nodeName)
	}
	return string(out)
}
