//go:build linux

package main

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/deploylift/lift/verify/run/witness/report"
)

func replaceAll(text []byte, old, with string) []byte {
	return bytes.ReplaceAll(text, []byte(old), []byte(with))
}

func merged(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}

func TestMounts(t *testing.T) {
	const text = `1 0 0:50 / / ro,relatime master:1 - overlay overlay rw,lowerdir=/a:/b
2 1 0:51 / /proc rw - proc proc rw
3 1 0:52 / /dev rw - tmpfs tmpfs rw,size=65536k
4 3 0:53 / /dev/pts rw - devpts devpts rw
5 3 0:54 / /dev/shm rw shared:3 propagate_from:1 - tmpfs shm rw,size=64k
6 1 0:55 / /sys ro - sysfs sysfs ro
7 2 0:56 / /proc/acpi ro - tmpfs tmpfs ro
8 1 8:1 /var/lib/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw
9 1 8:1 /data /srv/with\040space\134 ro - ext4 /dev/sda1 rw
10 1 0:57 / /srv/a rw - ext4 /dev/sdb ro
11 1 0:58 / /mnt rw - 9p  rw,trans=fd
12 1 0:59 / /over rw - tmpfs one rw
13 1 0:60 / /over rw - ext4 two rw
14 1 0:61 / /.lift/witness ro - ext4 /dev/sda1 rw
15 1 0:62 / /gone rw - ext4 x rw
16 1 0:63 / /gone rw - proc proc rw
short
17 1 0:64 / /trunc
`
	got := mounts(parseMounts(text))
	for i := range got {
		got[i].Size = 0 // of this machine's own
	}
	want := []report.Mount{
		{Path: "/", Type: "overlay", ReadOnly: true},
		{Path: "/dev/shm", Type: "tmpfs"},
		{Path: "/etc/hosts", Type: "ext4"},
		{Path: "/mnt", Type: "9p"},
		{Path: "/over", Type: "ext4"},
		{Path: "/srv/a", Type: "ext4", ReadOnly: true},
		{Path: `/srv/with space\`, Type: "ext4", ReadOnly: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestSignalNames(t *testing.T) {
	for n := 1; n <= 64; n++ {
		name := signalNames(1 << (n - 1))
		if len(name) != 1 {
			t.Fatal(name)
		}
		if back, err := signalNumber(name[0]); err != nil || int(back) != n {
			t.Errorf("%d is %s is %d, %v", n, name[0], back, err)
		}
	}
	for text, want := range map[string]int{"TERM": 15, "sigterm": 15, "RTMIN+3": 37, "SIGRTMIN": 34, "9": 9, "64": 64} {
		if got, err := signalNumber(text); err != nil || int(got) != want {
			t.Errorf("%s is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "65", "-1", "SIG", "RTMIN+31", "NONE"} {
		if got, err := signalNumber(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func TestStatus(t *testing.T) {
	s := parseStatus("Name:\ta: b\nUmask:\t0027\nSeccomp:\t1\nCapBnd:\t0000020000000401\nSigBlk:\t8000000000000001\n")
	if got := s.capabilities("CapBnd"); !slices.Equal(got, []string{"41", "CHOWN", "NET_BIND_SERVICE"}) {
		t.Error(got)
	}
	if got := signalNames(s.signals("SigBlk")); !slices.Equal(got, []string{"SIGHUP", "SIGRTMIN+30"}) {
		t.Error(got)
	}
	if s.umask() != "0027" || s.seccomp() != "strict" {
		t.Error(s.umask(), s.seccomp())
	}
	if len(report.Capabilities) != 41 {
		t.Error("capabilities(7) has 41")
	}
}
