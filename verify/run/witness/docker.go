package witness

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// builderImage has the toolchain where the machine has none. It is lift's own Go version.
const builderImage = "golang:1.26-bookworm"

// buildWithDocker builds in a container. The source is copied in and the program out, rather than mounted: the daemon may be on another machine; and no image is built, for which a newer client asks for plug-ins.
func buildWithDocker(ctx context.Context, cache, docker string, progress func(format string, args ...any)) (string, error) {
	return cached(cache, "docker "+builderImage, func(out string) error {
		return inTemp(func(dir string) error {
			if err := writeModule(filepath.Join(dir, "src")); err != nil {
				return err
			}
			id := make([]byte, 6)
			rand.Read(id)
			name := "lift-witness-" + hex.EncodeToString(id)
			run := func(ctx context.Context, args ...string) error {
				_, err := command(ctx, dir, nil, docker, args...)
				return err
			}
			defer func() {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
				defer cancel()
				_ = run(ctx, "rm", "--force", "--volumes", name)
			}()
			progress("building the witness in a container of %s, because there is no Go here", builderImage)
			create := []string{"create", "--name", name, "--workdir", "/src", "--network", "none"}
			for _, e := range append(buildEnv(), "GOCACHE=/tmp/cache", "HOME=/tmp") {
				create = append(create, "--env", e)
			}
			create = append(append(create, "--entrypoint", "go", builderImage), buildArgs("/src/witness")...)
			for _, args := range [][]string{
				create,
				{"cp", filepath.Join(dir, "src"), name + ":/"},
				{"start", "--attach", name},
				{"cp", name + ":/src/witness", filepath.Join(dir, "witness")},
			} {
				if err := run(ctx, args...); err != nil {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					return fmt.Errorf("docker %s, to build the witness: %w; install Go %s or newer (https://go.dev/dl), or see that Docker can run %s", args[0], err, oldestGo, builderImage)
				}
			}
			data, err := os.ReadFile(filepath.Join(dir, "witness"))
			if err != nil {
				return err
			}
			return os.WriteFile(out, data, 0o755)
		})
	})
}
