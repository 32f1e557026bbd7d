package witness

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"
)

// builderImage has the toolchain where the machine has none. It is lift's own Go version.
const builderImage = "golang:1.26-bookworm"

// buildWithDocker builds in a container. The source goes in and the program comes out through its standard streams, rather than by a mount: the daemon may be on another machine; and no image is built, for which a
// newer client asks for plug-ins. The container removes itself, even if lift is killed meanwhile.
func buildWithDocker(ctx context.Context, cache, docker string, progress func(format string, args ...any)) (string, error) {
	return cached(cache, "docker "+builderImage, func(out string) error {
		archive, err := moduleTar()
		if err != nil {
			return err
		}
		id := make([]byte, 6)
		rand.Read(id)
		name := "lift-witness-" + hex.EncodeToString(id)
		args := []string{"run", "--rm", "--interactive", "--name", name, "--network", "none", "--workdir", "/src", "--entrypoint", "sh"}
		for _, e := range append(buildEnv(), "GOCACHE=/tmp/cache", "HOME=/tmp") {
			args = append(args, "--env", e)
		}
		args = append(args, builderImage, "-c", `tar -xf - && go "$@" >&2 && cat /tmp/witness`, "sh")
		progress("building the witness in a container of %s, because there is no Go here", builderImage)
		program, err := command(ctx, os.TempDir(), nil, archive, docker, append(args, buildArgs("/tmp/witness")...)...)
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
			defer cancel()
			_, _ = command(ctx, os.TempDir(), nil, nil, docker, "rm", "--force", "--volumes", name) // the client is gone, the container may not be
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			return fmt.Errorf("docker, to build the witness: %w; install Go %s or newer (https://go.dev/dl), or see that Docker can run %s", err, oldestGo, builderImage)
		}
		return os.WriteFile(out, program, 0o755)
	})
}

// moduleTar is the module as an archive. Directories are made by whoever unpacks it.
func moduleTar() ([]byte, error) {
	all, err := files()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, path := range sortedKeys(all) {
		if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(all[path]))}); err != nil {
			return nil, err
		}
		if _, err := w.Write(all[path]); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}
