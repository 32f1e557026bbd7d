//go:build linux

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// Where a process's control groups are seen depends on the version, on whether there is a namespace, and on what is mounted. The lines are those of real machines.
func TestCgroup(t *testing.T) {
	const (
		v1Mounts = "30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n" +
			"31 30 0:27 ROOT /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
			"32 30 0:28 ROOT /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n" +
			"33 30 0:29 ROOT /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n" +
			"34 30 0:30 ROOT /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
		v2Mount   = "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n"
		unified   = "35 30 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
		unlimited = "9223372036854771712\n"
	)
	v1Groups := func(path string) string {
		return "9:name=systemd:" + path + "\n8:pids:" + path + "\n4:memory:" + path + "\n1:cpu,cpuacct:" + path + "\n"
	}
	v1Files := func(dir string) map[string]string {
		return map[string]string{
			"memory/" + dir + "/memory.limit_in_bytes": "67108864\n", "memory/" + dir + "/memory.memsw.limit_in_bytes": "100663296\n",
			"cpu,cpuacct/" + dir + "/cpu.cfs_quota_us": "150000\n", "cpu,cpuacct/" + dir + "/cpu.cfs_period_us": "100000\n", "pids/" + dir + "/pids.max": "64\n",
		}
	}
	v2Files := func(dir string) map[string]string {
		return map[string]string{dir + "/memory.max": "67108864\n", dir + "/memory.swap.max": "0\n", dir + "/cpu.max": "25000 100000\n", dir + "/pids.max": "max\n"}
	}
	rooted := func(root string) string {
		return string(replaceAll([]byte(v1Mounts), "ROOT", root))
	}
	bounded := report.Cgroup{Memory: "67108864", Swap: "33554432", CPU: "1500000000", Pids: "64"}
	as := func(c report.Cgroup, version string) report.Cgroup { c.Version = version; return c }
	bounded2 := report.Cgroup{Version: "2", Memory: "67108864", Swap: "0", CPU: "250000000", Pids: "max"}
	for _, c := range []struct {
		name, groups, mounts string
		files                map[string]string // below /sys/fs/cgroup
		want                 report.Cgroup
	}{
		{"version 1 on the machine", v1Groups("/system.slice/web.service"), rooted("/"), v1Files("system.slice/web.service"), as(bounded, "1")},
		{"version 1 in a container without a namespace", v1Groups("/docker/0123"), rooted("/docker/0123"), v1Files(""), as(bounded, "1")},
		{"version 1 in a container with a namespace", v1Groups("/"), rooted("/"), v1Files(""), as(bounded, "1")},
		{"version 1, below the root of a container", v1Groups("/docker/0123/sub"), rooted("/docker/0123"), v1Files("sub"), as(bounded, "1")},
		{"version 1, where another container's part is mounted", v1Groups("/docker/0123"), rooted("/docker/4567"), v1Files(""), report.Cgroup{Version: "1"}},
		{"version 1, a sibling of a similar name", v1Groups("/docker/0123"), rooted("/docker/01"), v1Files(""), report.Cgroup{Version: "1"}},
		{"version 1, nothing mounted", v1Groups("/a"), "", nil, report.Cgroup{Version: "1"}},
		{
			"version 1 without bounds", v1Groups("/a"), rooted("/"), map[string]string{
				"memory/a/memory.limit_in_bytes": unlimited, "memory/a/memory.memsw.limit_in_bytes": unlimited, "cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n", "pids/a/pids.max": "max\n",
			}, report.Cgroup{Version: "1", Memory: "max", Swap: "max", CPU: "max", Pids: "max"},
		},
		{
			"version 1, the root, without an account of swap", v1Groups("/"), rooted("/"),
			map[string]string{"memory/memory.limit_in_bytes": unlimited, "cpu,cpuacct/tasks": "", "pids/tasks": ""},
			report.Cgroup{Version: "1", Memory: "max", CPU: "max", Pids: "max"},
		},
		{"hybrid", v1Groups("/a") + "0::/a\n", rooted("/") + unified, merged(v1Files("a"), map[string]string{"unified/a/cgroup.procs": ""}), as(bounded, "hybrid")},
		{"hybrid, in a container that sees version 1 alone", v1Groups("/docker/0123") + "0::/docker/0123\n", rooted("/docker/0123"), v1Files(""), as(bounded, "1")},
		{"version 2 on the machine", "0::/system.slice/web.service\n", v2Mount, v2Files("system.slice/web.service"), bounded2},
		{"version 2 in a container with a namespace", "0::/\n", v2Mount, v2Files(""), bounded2},
		{"version 2 in a container without a namespace", "0::/docker/0123\n", "31 24 0:27 /docker/0123 /sys/fs/cgroup ro - cgroup2 cgroup rw\n", v2Files(""), bounded2},
		{"version 2, the root", "0::/\n", v2Mount, map[string]string{"cgroup.procs": ""}, report.Cgroup{Version: "2", Memory: "max", CPU: "max", Pids: "max"}},
		{"version 2, outside of its namespace", "0::/../other\n", v2Mount, v2Files("other"), report.Cgroup{Version: "2"}},
		{"version 2, nothing mounted", "0::/a\n", "", nil, report.Cgroup{Version: "2"}},
		{"nothing", "", "", nil, report.Cgroup{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for name, content := range c.files {
				path := filepath.Join(root, "sys/fs/cgroup", name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			v1, v2 := hierarchies(c.groups)
			if got := (groups{v1: v1, v2: v2, mounts: parseMounts(c.mounts), root: root}).limits(); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestQuota(t *testing.T) {
	for _, c := range []struct{ quota, period, want string }{
		{"50000", "100000", "500000000"}, {"1", "3", "333333333"}, {"max", "100000", "max"}, {"-1", "100000", "max"}, {"9223372036854775807", "1", ""}, {"x", "1", ""}, {"1", "0", ""}, {"1", "", ""},
	} {
		if got := quota(c.quota, c.period); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.quota, c.period, got, c.want)
		}
	}
}
