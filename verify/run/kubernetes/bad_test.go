package kubernetes

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

func TestNoRights(t *testing.T) {
	cluster(t)
	for variable, want := range map[string][]string{
		"LIFT_TEST_KUBECONFIG_READONLY": {"lets user lift-readonly create no namespaces", "run no commands in pods", "kind, minikube"},
		"LIFT_TEST_KUBECONFIG_NORIGHTS": {"lets user lift-norights create no namespaces", "list no pods", "create no namespaces, Deployments, StatefulSets, ", "delete no namespaces or pods", "kind, minikube"},
	} {
		err := New(Options{Kubeconfig: os.Getenv(variable)}).Needs(t.Context())
		if err == nil {
			t.Errorf("%s has all rights", variable)
			continue
		}
		t.Log(err)
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q is not said", w)
			}
		}
		s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve"))})
		if _, err := New(Options{Kubeconfig: os.Getenv(variable)}).Start(t.Context(), s); err == nil || !strings.Contains(err.Error(), "create no namespaces") {
			t.Errorf("started without rights: %v", err)
		}
	}
}

func TestTrouble(t *testing.T) {
	cluster(t)
	web := app(map[string]deploy.Kind{"web": deploy.Service})
	for name, c := range map[string]struct {
		file    string
		timeout time.Duration
		within  time.Duration
		want    []string
	}{
		"image missing": {strings.Replace(deployment("web", 1, pod("web", "serve")), testImage, "lift.invalid/test/nothing:9", 1), 0, 100 * time.Second, []string{"web does not start: ImagePullBackOff", "lift.invalid/test/nothing:9", "push the image"}},
		"crash loop":    {deployment("web", 1, pod("web", "crash")), 0, 150 * time.Second, []string{"web does not start: CrashLoopBackOff: it has ended 3 times, at last with status 3", "\n    cannot log in with (secret)"}},
		"no program":    {deployment("web", 1, pod("web", "serve", "          command: [/none]\n")), 0, 100 * time.Second, []string{"web does not start: ", "/none", "no such file"}},
		"never ready":   {deployment("web", 1, pod("web", "sick", readiness)), 8 * time.Second, 100 * time.Second, []string{"web is not ready after 8s", "Unhealthy", "503", "begins: sick"}},
		"quota":         {deployment("web", 1, pod("web", "serve")) + "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: none}\nspec: {hard: {pods: '0'}}\n", 0, 100 * time.Second, []string{"web does not start: the cluster refuses its pods: ", "exceeded quota: none"}},
		"unschedulable": {deployment("web", 1, pod("web", "serve", "      nodeSelector: {lift.run/moon: yes-please}\n")), 0, 100 * time.Second, []string{"web does not start: no node takes it (Unschedulable): ", "didn't match Pod's node"}},
		"init":          {deployment("web", 1, pod("web", "serve", "      initContainers: [{name: before-0, image: '"+testImage+"', args: [crash]}]\n")), 0, 150 * time.Second, []string{"web does not start: container before-0: CrashLoopBackOff", "begins: crash"}},
		"unknown field": {deployment("web", 1, pod("web", "serve", "          flavour: vanilla\n")), 0, 60 * time.Second, []string{"web.yaml: the cluster refuses Deployment web: ", `unknown field "spec.template.spec.containers[0].flavour"`}},
		"cluster-wide":  {deployment("web", 1, pod("web", "serve")) + "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n", 0, 60 * time.Second, []string{"web.yaml: ClusterRole all belongs to the whole cluster"}},
		"unknown kind":  {deployment("web", 1, pod("web", "serve")) + "---\napiVersion: example.com/v1\nkind: Fountain\nmetadata: {name: all}\n", 0, 60 * time.Second, []string{"web.yaml: the cluster knows no kind Fountain of example.com/v1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := system(t, web, map[string]string{"web.yaml": c.file})
			begun := time.Now()
			p, err := New(Options{Timeout: c.timeout}).Start(t.Context(), s)
			took := time.Since(begun)
			if err == nil {
				p.Close()
				t.Fatal("it started")
			}
			t.Logf("%s: %v", took, err)
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not said", w)
				}
			}
			if strings.Contains(err.Error(), testSecret) {
				t.Error("it shows a secret")
			}
			if took > c.within {
				t.Errorf("it takes %s to say so", took)
			}
			nothingLeft(t, s)
		})
	}
}

func TestCancelled(t *testing.T) {
	r := cluster(t)
	for name, when := range map[string]string{"while it applies": "applies ", "while it waits": "waits for "} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "sick", readiness))})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.Progress = func(format string, args ...any) {
				t.Logf(format, args...)
				if strings.Contains(fmt.Sprintf(format, args...), when) {
					cancel()
				}
			}
			if _, err := r.Start(ctx, s); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			nothingLeft(t, s)
		})
	}
}

// TestMain lets the test's own binary be a run that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LIFT_TEST_KILLED"); dir != "" {
		s := run.System{Tier: "kubernetes", Out: dir, Files: []string{"web.yaml"}, Nonce: os.Getenv("LIFT_TEST_NONCE"), Values: map[string]string{"words/SECRET_WORD": testSecret}, App: app(map[string]deploy.Kind{"web": deploy.Service})}
		if _, err := New(Options{}).Start(context.Background(), s); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("up")
		select {}
	}
	os.Exit(m.Run())
}

func TestKilled(t *testing.T) {
	r := cluster(t)
	s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve", readiness))})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LIFT_TEST_KILLED="+s.Out, "LIFT_TEST_NONCE="+s.Nonce)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if line != "up\n" {
		t.Fatal(line)
	}
	other := system(t, s.App, map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve", readiness))})
	start(t, r, other)
	for end := time.Now().Add(time.Minute); ; {
		if err := mustConnect(t).get(t.Context(), namespaces.at("", "lift-"+s.Nonce), nil, nil); missing(err) {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the namespace of the killed run is still there")
		}
		time.Sleep(time.Second)
	}
}

func mustConnect(t *testing.T) *client {
	t.Helper()
	c, err := New(Options{}).connect()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
