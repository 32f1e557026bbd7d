package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const pauseImage = "lift.test/pause:1"

// node is a cluster as those who start its daemons see it.
type node struct {
	dir  string // of the cluster
	net  network
	part map[string]string // where the parts lie
}

func (n node) path(elem ...string) string { return filepath.Join(append([]string{n.dir}, elem...)...) }

func (n node) program(name string) string {
	switch name {
	case "containerd", "ctr":
		return filepath.Join(n.part["debian"], "usr", "bin", name)
	case "etcd":
		return filepath.Join(n.part["etcd"], "usr", "bin", name)
	}
	return filepath.Join(n.part[name], name)
}

// environment is that of all daemons: not the machine's, which may know proxies.
func (n node) environment() []string {
	root := n.part["debian"]
	libraries, _ := filepath.Glob(filepath.Join(root, "usr", "lib", "*-linux-gnu"))
	env := []string{"HOME=" + n.dir, "PATH=" + strings.Join([]string{filepath.Join(root, "usr", "bin"), filepath.Join(root, "usr", "sbin"), "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}, ":")}
	if len(libraries) == 1 {
		triplet := filepath.Base(libraries[0])
		env = append(env, "LD_LIBRARY_PATH="+libraries[0]+":"+filepath.Join(root, "lib", triplet), "XTABLES_LIBDIR="+filepath.Join(libraries[0], "xtables"))
	}
	return env
}

// etcd forgets what was not written when the machine dies, which saves the most of its time.
func (n node) etcd(port, peers string) []string {
	url, peer := "http://127.0.0.1:"+port, "http://127.0.0.1:"+peers
	return []string{
		"--data-dir", n.path("etcd"), "--unsafe-no-fsync", "--log-level", "warn",
		"--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
	}
}

func (n node) apiserver(etcd, address, port string) []string {
	args := []string{
		"--etcd-servers=http://127.0.0.1:" + etcd, "--bind-address=" + address, "--advertise-address=" + address, "--secure-port=" + port,
		"--tls-cert-file=" + n.path("etc", "server.crt"), "--tls-private-key-file=" + n.path("etc", "server.key"),
		"--service-cluster-ip-range=" + n.net.services(), "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + n.path("etc", "accounts.pub"), "--service-account-signing-key-file=" + n.path("etc", "accounts.key"),
		"--token-auth-file=" + n.path("etc", "tokens.csv"), "--authorization-mode=Node,RBAC",
		"--kubelet-preferred-address-types=InternalIP",
	}
	if strings.HasPrefix(address, "127.") {
		args = append(args, "--endpoint-reconciler-type=none") // no Service leads to a loopback address
	}
	return args
}

func (n node) controllerManager() []string {
	return []string{
		"--kubeconfig=" + n.path("etc", "controller-manager"), "--leader-elect=false", "--bind-address=127.0.0.1", "--cert-dir=" + n.path("tmp"),
		"--service-account-private-key-file=" + n.path("etc", "accounts.key"), "--root-ca-file=" + n.path("etc", "ca.crt"), "--use-service-account-credentials=true",
		"--flex-volume-plugin-dir=" + n.path("kubelet", "volume-plugins"),
	}
}

func (n node) scheduler() []string {
	return []string{"--kubeconfig=" + n.path("etc", "scheduler"), "--leader-elect=false", "--bind-address=127.0.0.1", "--cert-dir=" + n.path("tmp")}
}

func (n node) socket() string { return n.path("containerd.sock") }

// containerd keeps its state in /run, which is the cluster's own, and its socket where programs outside reach it.
// The plugin ptp gives each pod a cable of its own to the node, so that all goes through the node's packet filter, between neighbours as well.
func (n node) containerd() ([]string, error) {
	debian := n.part["debian"]
	config := fmt.Sprintf(`version = 2
root = %q
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = %q
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = %q
    conf_dir = %q
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    BinaryName = %q
`, n.path("containerd"), n.socket(), pauseImage, filepath.Join(debian, "usr", "lib", "cni"), n.path("etc", "cni"), filepath.Join(debian, "usr", "sbin", "runc"))
	pods := fmt.Sprintf(`{
  "cniVersion": "1.0.0", "name": "pods",
  "plugins": [
    {"type": "ptp", "ipam": {"type": "host-local", "dataDir": %q, "ranges": [[{"subnet": %q}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`, n.path("ipam"), n.net.pods())
	if err := os.MkdirAll(n.path("etc", "cni"), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(n.path("etc", "cni", "10-pods.conflist"), []byte(pods), 0o644); err != nil {
		return nil, err
	}
	return []string{"--config", n.path("etc", "containerd.toml")}, os.WriteFile(n.path("etc", "containerd.toml"), []byte(config), 0o644)
}

// kubelet never evicts: the disk of a machine for tests may be as full as it likes.
func (n node) kubelet() ([]string, error) {
	config := fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://%s
cgroupDriver: cgroupfs
cgroupRoot: /%s
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
address: %s
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
clusterDNS: [%s]
clusterDomain: cluster.local
resolvConf: ""
podLogsDir: %s
volumePluginDir: %s
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: "0%%", nodefs.available: "0%%", imagefs.available: "0%%"}
`, n.socket(), n.net.cgroup(), n.net.node(), n.net.dns(), n.path("log", "pods"), n.path("kubelet", "volume-plugins"))
	return []string{
		"--config", n.path("etc", "kubelet.yaml"), "--kubeconfig", n.path("etc", "node"), "--hostname-override", nodeName, "--node-ip", n.net.node(),
		"--root-dir", n.path("kubelet"), "--cert-dir", n.path("tmp"), "--oom-score-adj", "0",
	}, os.WriteFile(n.path("etc", "kubelet.yaml"), []byte(config), 0o644)
}

func (n node) proxy() ([]string, error) {
	config := fmt.Sprintf(`apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: %s}
clusterCIDR: %s
hostnameOverride: %s
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0}
`, n.path("etc", "proxy"), n.net.pods(), nodeName)
	return []string{"--config", n.path("etc", "proxy.yaml")}, os.WriteFile(n.path("etc", "proxy.yaml"), []byte(config), 0o644)
}

// coredns knows the cluster's names and no others: the root zone is its own, and empty, so that whatever lies outside is NXDOMAIN and no program waits for a server that never answers.
func (n node) coredns() ([]string, error) {
	zone := ". 60 IN SOA ns. root. 1 60 60 60 60\n. 60 IN NS ns.\n"
	config := fmt.Sprintf(`.:53 {
  bind %s
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig %s
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 5
  }
  file %s .
  cache 5
}
`, n.net.node(), n.path("etc", "coredns"), n.path("etc", "root.zone"))
	if err := os.WriteFile(n.path("etc", "root.zone"), []byte(zone), 0o644); err != nil {
		return nil, err
	}
	return []string{"-conf", n.path("etc", "Corefile")}, os.WriteFile(n.path("etc", "Corefile"), []byte(config), 0o644)
}

func (n node) traefik() []string {
	return []string{
		"--global.checknewversion=false", "--global.sendanonymoususage=false", "--log.level=INFO", "--accesslog=true", "--accesslog.filepath=" + n.path("log", "traefik-access.log"),
		"--entrypoints.web.address=" + n.net.node() + ":80", "--entrypoints.websecure.address=" + n.net.node() + ":443", "--entrypoints.traefik.address=127.0.0.1:9000", "--ping=true",
		"--providers.providersthrottleduration=100ms",
		"--providers.kubernetesgateway=true", "--providers.kubernetesgateway.statusaddress.ip=" + n.net.node(),
		"--providers.kubernetesingress=true", "--providers.kubernetesingress.ingressendpoint.ip=" + n.net.node(),
	}
}
