package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run"
)

// Needs tells why it cannot run here: the docker command, an engine on this machine, and compose of the version that knows the override's tags.
func (*Runner) Needs(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var c command
	if _, err := exec.LookPath("docker"); err != nil {
		return run.Error{What: "the docker command is not on the PATH", Remedy: "install Docker's CLI and its plugin compose: https://docs.docker.com/engine/install/"}
	}
	if err := reachable(ctx, c); err != nil {
		return err
	}
	return c.plugins(ctx)
}

// endpoint is where the docker command looks for its engine: DOCKER_HOST, or the context in use.
func (c command) endpoint(ctx context.Context) string {
	out, err := c.output(ctx, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
	if err != nil {
		return "its usual place"
	}
	return strings.TrimSpace(string(out))
}

// reachable tells whether an engine answers, and whether it is on this machine: build contexts, mounted files and published ports are.
func reachable(ctx context.Context, c command) error {
	at := c.endpoint(ctx)
	if u, err := url.Parse(at); err == nil && (u.Scheme == "ssh" || u.Scheme == "tcp" && !loopback(u.Hostname())) {
		return run.Error{
			What:   "the docker engine at " + u.Scheme + "://" + u.Host + " is on another machine, where neither mounted files nor published ports are those of this one",
			Remedy: "run lift there, or point DOCKER_HOST or `docker context use` to an engine of this machine",
		}
	}
	out, err := c.output(ctx, "version", "--format", "{{.Server.Version}} {{.Server.Os}}")
	if errors.Is(err, context.DeadlineExceeded) {
		return run.Error{What: "the docker engine at " + at + " does not answer within " + answerTime.String(), Remedy: "look whether it is well: docker version"}
	}
	if err != nil {
		why, remedy := "no docker engine answers at "+at, "start it (systemctl start docker), or let DOCKER_HOST name the one that runs"
		if strings.Contains(err.Error(), "permission denied") {
			why, remedy = "this user may not speak to the docker engine at "+at, "run lift as root, or as a member of the group that owns the socket (docker)"
		}
		return run.Error{What: why, Remedy: remedy}
	}
	if _, os, _ := strings.Cut(strings.TrimSpace(string(out)), " "); os != "" && os != "linux" {
		return run.Error{What: "the docker engine at " + at + " runs containers of " + os, Remedy: "switch it to Linux containers"}
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || ip != nil && ip.IsLoopback()
}

// Versions from which something is there or is needed.
var (
	knowsOverride = version{2, 24} // of compose: the tags !override and !reset
	needsBuildx   = version{2, 40} // of compose: it builds with buildx alone (docker/compose#13295)
	leastBuildx   = version{0, 17} // of buildx, with such a compose
)

// plugins tells whether compose is there, is new enough, and can build.
func (c command) plugins(ctx context.Context) error {
	const get = "install Docker's plugin compose, 2.24 or newer: https://docs.docker.com/compose/install/linux/"
	out, err := c.output(ctx, "compose", "version", "--short")
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return run.Error{What: "docker has no plugin compose", Remedy: get}
	}
	have, ok := parseVersion(string(out))
	if !ok || have.less(knowsOverride) {
		return run.Error{What: fmt.Sprintf("docker compose is version %s, which knows no override tags", strings.TrimSpace(string(out))), Remedy: get}
	}
	if have.less(needsBuildx) {
		return nil // it builds by itself
	}
	const remedy = "install Docker's plugin buildx, 0.17 or newer: https://github.com/docker/buildx#installing"
	out, err = c.output(ctx, "buildx", "version") // github.com/docker/buildx v0.17.1 …
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return run.Error{What: "docker compose " + have.String() + " builds no image without the plugin buildx, which is not there", Remedy: remedy}
	}
	for _, word := range strings.Fields(string(out)) {
		if v, ok := parseVersion(word); ok {
			if v.less(leastBuildx) {
				return run.Error{What: "docker compose " + have.String() + " builds no image with buildx " + v.String(), Remedy: remedy}
			}
			break
		}
	}
	return nil
}

// version is the front of a version's number.
type version struct{ major, minor int }

func (v version) less(w version) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func parseVersion(s string) (version, bool) {
	f := strings.SplitN(strings.TrimPrefix(strings.TrimSpace(s), "v"), ".", 3)
	if len(f) < 2 {
		return version{}, false
	}
	major, err1 := strconv.Atoi(f[0])
	minor, err2 := strconv.Atoi(f[1])
	return version{major, minor}, err1 == nil && err2 == nil
}

// engine is what docker info tells of what the engine can bound.
type engine struct {
	MemoryLimit     bool
	SwapLimit       bool
	CPUCfsQuota     bool `json:"CpuCfsQuota"`
	PidsLimit       bool
	OperatingSystem string
	SecurityOptions []string
	CgroupVersion   string
}

func (c command) info(ctx context.Context) (engine, error) {
	var e engine
	out, err := c.output(ctx, "info", "--format", "{{json .}}")
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(out, &e)
}

// near reports whether the machine reaches the containers' own addresses: not those of a virtual machine, nor those of an engine without root, which has a network of its own.
func (e engine) near() (bool, string) {
	if strings.Contains(e.OperatingSystem, "Docker Desktop") {
		return false, "Docker Desktop keeps its containers' network in a virtual machine"
	}
	for _, o := range e.SecurityOptions {
		if strings.Contains(o, "rootless") {
			return false, "an engine without root keeps its containers' network to itself"
		}
	}
	return true, ""
}
