package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"
)

// Ask runs the witness's binary in the container of the first instance.
func (p *running) Ask(ctx context.Context, workload string, args ...string) ([]byte, error) {
	pod, c, err := p.instance(ctx, workload)
	if err != nil {
		return nil, p.clean(err)
	}
	out, err := p.client.exec(ctx, p.ns, pod.Name, c.container, append([]string{witnessPath}, args...))
	if err != nil {
		return out, p.clean(fmt.Errorf("%s: %w", workload, err))
	}
	return out, nil
}

// exec runs a command in a container, through a WebSocket; with servers before 1.30 by SPDY.
func (c *client) exec(ctx context.Context, ns, pod, container string, argv []string) ([]byte, error) {
	u := c.url(pods.at(ns, pod, "exec"), url.Values{"container": {container}, "command": argv, "stdout": {"true"}, "stderr": {"true"}})
	modern, err := remotecommand.NewWebSocketExecutor(c.config, http.MethodGet, u.String())
	if err != nil {
		return nil, err
	}
	old, err := remotecommand.NewSPDYExecutor(c.config, http.MethodPost, u)
	if err != nil {
		return nil, err
	}
	executor, err := remotecommand.NewFallbackExecutor(modern, old, upgradeRefused)
	if err != nil {
		return nil, err
	}
	var out, faults bytes.Buffer
	err = c.insist(ctx, func() error {
		return executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &out, Stderr: &faults})
	})
	if err == nil {
		return out.Bytes(), nil
	}
	var exit utilexec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		text := strings.TrimSpace(faults.String())
		if text == "" {
			text = fmt.Sprintf("%s ends with status %d", argv[0], exit.ExitStatus())
		}
		return out.Bytes(), errors.New(text)
	}
	return out.Bytes(), err
}
