package kubernetes

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/owners"
	"github.com/deploylift/lift/verify/run/internal/procgroup"
)

// docker is the docker command, for images alone.
type docker struct {
	command string
	mask    mask.Mask
}

// Labels of what is made in the local engine for a moment.
const (
	labelImages   = "lift.images"
	archivePrefix = "lift-images-"
)

// output calls the command and returns what it prints.
func (d docker) output(ctx context.Context, args ...string) ([]byte, error) {
	return d.call(exec.CommandContext(ctx, d.command, args...), nil)
}

// shell runs a command line of the user's.
func (d docker) shell(ctx context.Context, line string) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line)
	if runtime.GOOS == "windows" {
		cmd = exec.CommandContext(ctx, "cmd", "/C", line)
	}
	_, err := d.call(cmd, nil)
	return err
}

// call runs a command in a process group of its own, which ends with ctx.
func (d docker) call(cmd *exec.Cmd, in io.Reader) ([]byte, error) {
	var out, faults bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &faults
	procgroup.Own(cmd)
	cmd.Cancel = func() error { return procgroup.Kill(cmd) }
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Run(); err != nil {
		text := faults.Bytes()
		if len(bytes.TrimSpace(text)) == 0 {
			text = out.Bytes()
		}
		what := filepath.Base(cmd.Path)
		if len(cmd.Args) > 1 && what == filepath.Base(d.command) {
			what += " " + cmd.Args[1]
		}
		return nil, fmt.Errorf("%s: %w%s", what, err, d.mask.Ending(text, 5))
	}
	return out.Bytes(), nil
}

// derive makes an image that is another one under a name of this run, with the witness in it if there is one to put there. It takes no build: a container is made of the image, and becomes the next one.
func (d docker) derive(ctx context.Context, i image, name, witness string) (err error) {
	args := []string{"create", "--label", labelImages + "=" + name, "--label", labelOwner + "=" + owners.Self().String(), i.local}
	if len(i.entry.Entrypoint)+len(i.entry.Cmd) == 0 {
		args = append(args, "none") // docker makes no container without a command
	}
	out, err := d.output(ctx, args...)
	if err != nil {
		return err
	}
	id := strings.TrimSpace(string(out))
	defer func() {
		clean, cancel := own(ctx, cleanTime)
		defer cancel()
		if _, rm := d.output(clean, "rm", "--force", "--volumes", id); rm != nil && err == nil {
			err = rm
		}
	}()
	if witness != "" {
		layer, err := witnessLayer(witness)
		if err != nil {
			return err
		}
		if _, err := d.call(exec.CommandContext(ctx, d.command, "cp", "-", id+":/"), layer); err != nil {
			return err
		}
	}
	_, err = d.output(ctx, "commit", id, i.in)
	return err
}

// witnessLayer is a tar archive with the witness in its place.
func witnessLayer(binary string) (io.Reader, error) {
	data, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	dir, file, _ := strings.Cut(strings.TrimPrefix(witnessPath, "/"), "/")
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, Format: tar.FormatGNU}); err != nil {
		return nil, err
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: dir + "/" + file, Mode: 0o755, Size: int64(len(data)), Format: tar.FormatGNU}); err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	return &b, w.Close()
}

// sweep removes what runs have left in the engine and on the disk that were killed while they brought images.
func (d docker) sweep(ctx context.Context) error {
	for _, of := range []struct{ list, remove []string }{
		{[]string{"ps", "--all"}, []string{"rm", "--force", "--volumes"}},
		{[]string{"images"}, []string{"image", "rm", "--force"}},
	} {
		out, err := d.output(ctx, slices.Concat(of.list, []string{"--quiet", "--filter", "label=" + labelImages})...)
		if err != nil {
			return err
		}
		for _, id := range slices.Compact(strings.Fields(string(out))) {
			owner, err := d.output(ctx, "inspect", "--format", fmt.Sprintf("{{index .Config.Labels %q}}", labelOwner), id)
			if err != nil {
				continue // gone in the meantime
			}
			if o, ok := owners.Parse(strings.TrimSpace(string(owner))); ok && o.Dead() {
				_, _ = d.output(ctx, append(of.remove, id)...) // the next run tries again
			}
		}
	}
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), archivePrefix+"*"))
	for _, dir := range left {
		text := strings.TrimPrefix(filepath.Base(dir), archivePrefix)
		if i := strings.LastIndexByte(text, '-'); i > 0 {
			if o, ok := owners.Parse(text[:i]); ok && o.Dead() {
				_ = os.RemoveAll(dir)
			}
		}
	}
	return nil
}

// withPath puts a word in the place of {} in a command line, or behind it.
func withPath(line, word string) string {
	quoted := "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	if runtime.GOOS == "windows" {
		quoted = `"` + word + `"`
	}
	if strings.Contains(line, "{}") {
		return strings.ReplaceAll(line, "{}", quoted)
	}
	return line + " " + quoted
}
