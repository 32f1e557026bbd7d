//go:build linux

package processes

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// memories makes the file systems in memory that the program and its tasks share in one life, and puts them among the mounts.
func (in *instance) memories(w *world) error {
	for i, m := range in.k.Memories {
		dir := m.Path
		if m.Shared {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := settle(dir, m); err != nil {
				return err
			}
		} else {
			dir = in.memory(i)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			options := []string{"mode=0" + strconv.FormatUint(uint64(m.Mode), 8), fmt.Sprintf("uid=%d,gid=%d", m.UID, m.GID)}
			if m.Size > 0 {
				options = append(options, "size="+strconv.FormatInt(m.Size, 10))
			}
			if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, strings.Join(options, ",")); err != nil {
				return fmt.Errorf("no file system in memory can be mounted: %w", err)
			}
		}
		w.Mounts = append(w.Mounts, place{From: dir, To: m.Path})
	}
	slices.SortStableFunc(w.Mounts, func(a, b place) int { return strings.Compare(a.To, b.To) }) // a directory before what lies in it
	return nil
}

func (in *instance) memory(i int) string {
	return ownMemory + "/" + strconv.Itoa(in.k.Index) + "-" + strconv.Itoa(in.n) + "-" + strconv.Itoa(i)
}

// forget drops them again.
func (in *instance) forget() {
	for i, m := range in.k.Memories {
		if m.Shared {
			_ = os.RemoveAll(m.Path)
		} else {
			_ = unix.Unmount(in.memory(i), unix.MNT_DETACH)
		}
	}
}

func settle(dir string, m memory) error {
	if err := os.Chown(dir, m.UID, m.GID); err != nil {
		return err
	}
	return unix.Chmod(dir, m.Mode)
}

// invocation is a name for one start, as systemd makes it.
func invocation() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
