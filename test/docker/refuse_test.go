package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each mistake in a compose.yaml is found: a judge that takes everything proves nothing.
func TestConfigRefuses(t *testing.T) {
	need(t)
	dir := t.TempDir()
	good := []byte(`name: shop
services:
  web:
    image: shop/web:1.0.0
    build: {context: ., dockerfile: Dockerfile}
    depends_on:
      db: {condition: service_healthy, required: true}
    environment:
      PASSWORD: ${PASSWORD:?secret; set it in .env}
    ports: ["127.0.0.1:8080:8080"]
    volumes: ["state:/var/lib/shop"]
    mem_limit: 128m
    stop_grace_period: 10s
    restart: on-failure
  db:
    image: shop/db:1.0.0
    expose: ["5432"]
    healthcheck:
      test: ["CMD", "true"]
      interval: 10s
volumes:
  state: {}
`)
	env := []byte("PASSWORD=correct-horse\n")
	judge := func(src string, env []byte) string {
		for name, data := range map[string][]byte{"compose.yaml": []byte(src), ".env": env} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return refused(dir)
	}
	if said := judge(string(good), env); said != "" {
		t.Fatalf("nothing is wrong with it: %s", said)
	}
	if judge(string(good), nil) == "" {
		t.Error("a secret that nobody set is taken")
	}
	for _, c := range [][2]string{
		{"stop_grace_period: 10s", "stop_grace: 10s"},
		{"stop_grace_period: 10s", "stop_grace_period: soon"},
		{"mem_limit: 128m", "mem_limit: much"},
		{"mem_limit: 128m", "mem_limit: 128m\n    deploy: {resources: {limits: {memory: 64m}}}"},
		{"mem_limit: 128m", "mem_reservation: 96m\n    deploy: {resources: {reservations: {cpus: '0.25'}}}"},
		{"condition: service_healthy", "condition: service_well"},
		{"      db: {condition", "      database: {condition"},
		{"127.0.0.1:8080:8080", "127.0.0.1:8080:none"},
		{"state:/var/lib/shop", "data:/var/lib/shop"},
		{`expose: ["5432"]`, "expose: 5432"},
		{"volumes:\n  state: {}\n", "volumes:\n  state: {driver: [local]}\n"},
		{"PASSWORD:?secret; set it in .env", "PASWORD"}, // only warned of
		{"name: shop\n", "version: '3'\nname: shop\nname: shop\n"},
		{"interval: 10s", "interval: 10"},
	} {
		bad := strings.Replace(string(good), c[0], c[1], 1)
		if bad == string(good) {
			t.Errorf("%q is not there", c[0])
		} else if judge(bad, env) == "" {
			t.Errorf("%q is taken", c[1])
		}
	}
}

// Each mistake in a Dockerfile is found.
func TestBuildRefuses(t *testing.T) {
	need(t)
	dir := t.TempDir()
	good := `FROM debian:bookworm-slim AS build
RUN groupadd --gid 990 shop \
    && useradd --no-log-init --uid 990 --gid 990 --shell /usr/sbin/nologin shop
COPY . /srv/shop/

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /srv/shop /srv/shop
WORKDIR /srv/shop
USER 990:990
STOPSIGNAL SIGTERM
CMD ["/srv/shop/run"]
`
	judge := func(src string) error {
		for name, data := range map[string]string{"Dockerfile": src, "run": "#!/bin/sh\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		id, _, err := docker(dir, "build", "--quiet", ".")
		if err == nil {
			docker(dir, "rmi", "--force", strings.TrimSpace(id))
		}
		return err
	}
	if err := judge(good); err != nil {
		t.Fatalf("nothing is wrong with it: %v", err)
	}
	for _, c := range [][2]string{
		{"COPY . /srv", "COPY missing /srv"},
		{"--from=build", "--from=builder"},
		{"/srv/shop /srv/shop\n", "/srv/shops /srv/shop\n"},
		{"groupadd --gid 990 shop", "groupadd --gid none shop"},
		{"USER 990:990", "USERS 990:990"},
		{"STOPSIGNAL SIGTERM", "STOPSIGNAL SIGSTOPPED"},
		{"WORKDIR /srv/shop", "WORKDIR"},
		{"RUN groupadd", "RUN --mount=type=cachet,target=/c groupadd"},
		{"&& useradd", "useradd"},
		{"    && useradd", "    && apt-get update && apt-get install --yes tiny && useradd"},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Errorf("%q is not there", c[0])
		} else if judge(bad) == nil {
			t.Errorf("%q is taken", c[1])
		}
	}
}

// A secret is found wherever it is in an image: in a layer that a later one hides, in the environment, in the history.
func TestSecretIsFound(t *testing.T) {
	need(t)
	for name, lines := range map[string]string{
		"hidden":      "COPY secret /secret\nRUN rm /secret\n",
		"environment": "ENV PASSWORD=correct-horse\n",
		"history":     "RUN echo correct-horse >/dev/null\n",
	} {
		dir := t.TempDir()
		for file, data := range map[string]string{"Dockerfile": "FROM debian:bookworm-slim\n" + lines, "secret": "password: correct-horse\n"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		id, said, err := docker(dir, "build", "--quiet", ".")
		if err != nil {
			t.Fatal(said)
		}
		id = strings.TrimSpace(id)
		defer docker(".", "rmi", "--force", id)
		secrets := map[string]string{"PASSWORD": "correct-horse", "OTHER": "battery-staple"}
		if out := found(t, secrets, id); out["PASSWORD"] == "" || out["OTHER"] != "" {
			t.Errorf("%s: found %v", name, out)
		}
	}
}
