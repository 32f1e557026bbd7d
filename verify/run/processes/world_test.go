//go:build linux

package processes

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
)

// A program finds what the model says of its surroundings, and nothing of lift's own.
func TestWorld(t *testing.T) {
	require(t)
	t.Setenv("LIFT_TEST_LEAK", "leaks")
	w := helped("web", "look", "/", "/tmp", "/var/lib/web", "/run/web", "/scratch", "/opt/helper")
	w.Command.Argv = append(w.Command.Argv, deploy.Word{{Text: "/"}, {Var: "GREETING"}}, deploy.Word{{Var: "WORDS", Split: true}}, deploy.Word{{Var: "NONE", Split: true}}, deploy.Word{{Var: "NONE"}})
	w.Env = []deploy.Env{{Name: "GREETING", Value: deploy.Plain("hello")}, {Name: "WORDS", Value: deploy.Plain(" /a  '/b c' ")}, {Name: "TOKEN", Value: deploy.Param("web-token", true)}, {Name: "HOME", Value: deploy.Plain("/var/lib/web")}}
	w.User.Groups = deploy.List{"44", "45"}
	w.Dir = deploy.Some("/var/lib/web")
	w.Umask = deploy.Some(deploy.Mode(0o027))
	w.Resources.Files = deploy.Files{Soft: deploy.Some(deploy.Bound(int64(100))), Hard: deploy.Some(deploy.Bound(int64(200)))}
	w.Security = deploy.Security{NoNewPrivileges: deploy.Some(true), ReadOnlyRoot: deploy.Some(true), Capabilities: deploy.List{"NET_BIND_SERVICE", "CHOWN"}}
	w.Mounts = []deploy.Mount{
		{Path: "/tmp", Kind: deploy.Some(deploy.MountTmpfs)},
		{Path: "/run/web", Kind: deploy.Some(deploy.MountTmpfs), Mode: deploy.Some(deploy.Mode(0o750))},
		{Path: "/scratch", Kind: deploy.Some(deploy.MountTmpfs), Size: deploy.Some(deploy.Bytes(1 << 20))},
		{Path: "/var/lib/web", Kind: deploy.Some(deploy.MountVolume), Volume: deploy.Some(deploy.Ref("volumes.data")), Mode: deploy.Some(deploy.Mode(0o700))},
	}
	w.Files = []deploy.File{{Path: "/etc/web/web.conf", Content: deploy.Some("listen 3000;")}}
	s := system(t, w)
	s.Values = map[string]string{"web-token": "0123456789abcdef"}
	r := started(t, s)
	got := looked(t, []byte(log(t, r, "web", "}\n")))

	want := []string{"/opt/helper/helper", "helper", "look", "/", "/tmp", "/var/lib/web", "/run/web", "/scratch", "/opt/helper", "/hello", "/a", "/b c", ""}
	if !slices.Equal(got.Args, want) {
		t.Errorf("arguments %q", got.Args)
	}
	var names []string
	for _, e := range got.Env {
		n, v, _ := strings.Cut(e, "=")
		names = append(names, n)
		if n == "TOKEN" && v != "0123456789abcdef" || n == "PATH" && v != searchPath {
			t.Errorf("%s is %q", n, v)
		}
	}
	slices.Sort(names)
	if want := []string{"GREETING", "HOME", "INVOCATION_ID", "PATH", "SYSTEMD_EXEC_PID", "TOKEN", "WORDS"}; !slices.Equal(names, want) {
		t.Errorf("environment %q", names)
	}
	equal := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	equal("user", got.UID, 990)
	equal("group", got.GID, 991)
	if !slices.Equal(got.Groups, []int{44, 45}) {
		t.Errorf("groups %v", got.Groups)
	}
	equal("umask", got.Umask, 0o027)
	equal("directory", got.Dir, "/var/lib/web")
	equal("hard limit", got.Files[1], uint64(200))
	equal("no_new_privs", got.Status["NoNewPrivs"], "1")
	equal("bounding set", got.Status["CapBnd"], "0000000000000401")
	equal("effective set", got.Status["CapEff"], "0000000000000000")
	equal("blocked", got.Status["SigBlk"], "0000000000000000")
	for path, want := range map[string]string{
		"/": "read-only file system", "/tmp": "yes", "/var/lib/web": "yes", "/run/web": "yes", "/scratch": "yes", "/opt/helper": "read-only file system",
	} {
		equal("writing to "+path, got.Writes[path], want)
	}
	equal("stdin", got.Links["0"], "/dev/null")
	if !strings.HasPrefix(got.Links["1"], "socket:") || got.Links["1"] != got.Links["2"] {
		t.Errorf("standard output %s and error %s", got.Links["1"], got.Links["2"])
	}
	equal("kind of /tmp", got.Mounts["/tmp"], "tmpfs")
	equal("kind of /scratch", got.Mounts["/scratch"], "tmpfs")
	if kind := got.Mounts["/var/lib/web"]; kind == "" || kind == "tmpfs" {
		t.Errorf("kind of /var/lib/web %q", kind)
	}
	for at := range got.Mounts {
		if strings.HasPrefix(at, ownRun) {
			t.Errorf("it sees %s", at)
		}
	}
	equal("processes", got.Processes, 2)
	equal("account", got.Account, "helper:x:990:991::/var/lib/web:/usr/sbin/nologin")
	if _, err := os.Stat("/etc/web"); err == nil {
		t.Error("something was written to the machine")
	}
}

// A Procfile's program has a pipe to print to, no user of its own, and its code may be its own.
func TestProcfile(t *testing.T) {
	require(t)
	w := helped("web", "look", "/opt/helper", "/tmp")
	w.User, w.Security = deploy.User{}, deploy.Security{Capabilities: deploy.List{"none"}}
	w.Command.Argv, w.Command.Shell = deploy.Args(`exec /opt/helper/helper helper look /opt/helper /tmp "$GREETING"`), deploy.Some("/bin/sh")
	w.Env = []deploy.Env{{Name: "GREETING", Value: deploy.Plain("/hello you")}}
	s := system(t, w)
	s.From = []string{"procfile"}
	got := looked(t, []byte(log(t, started(t, s), "web", "}\n")))
	if got.UID != assumed || got.Writes["/opt/helper"] != "yes" || got.Writes["/tmp"] != "yes" || !strings.HasPrefix(got.Links["1"], "pipe:") || got.Status["CapBnd"] != "0000000000000000" || got.Status["SigIgn"] != "0000000000000000" {
		t.Errorf("%+v", got)
	}
	if got.Args[len(got.Args)-1] != "/hello you" {
		t.Errorf("arguments %q", got.Args)
	}
	for _, e := range got.Env {
		if n, _, _ := strings.Cut(e, "="); !slices.Contains([]string{"PATH", "GREETING", "PWD"}, n) { // dash sets PWD
			t.Errorf("environment has %s", e)
		}
	}
}
