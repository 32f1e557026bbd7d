package compose

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

type node = yamldoc.Node

// services is the mapping of a service's keys. Names are those of the Compose specification (compose-spec, "services", "build", "deploy", "develop").
var services = newTable(serviceRows)

// mapped makes a row whose value is read.
func mapped(name, doc, example string, do func(s *svc) func(node)) row {
	return row{Key: detect.Key{Name: name, Doc: doc, Example: example, Outcome: ledger.Converted}, do: do}
}

// mappedTop makes a row of the top level whose value is read.
func mappedTop(name, doc, example string, do func(r *reader) func(node)) row {
	return row{Key: detect.Key{Name: name, Doc: doc, Example: example, Outcome: ledger.Converted}, top: do}
}

// nearly makes a row whose value is read and may differ in behaviour.
func nearly(name, doc, example string, do func(s *svc) func(node)) row {
	r := mapped(name, doc, example, do)
	r.Outcome = ledger.Approximated
	return r
}

// after makes the row wait for those that it builds on.
func (r row) after(late int) row { r.late = late; return r }

// orEmpty makes an empty list or mapping say something.
func (r row) orEmpty() row { r.empty = true; return r }

// lost makes a row that nothing above compose does.
func lost(name, doc, example, reason, remedy string) row {
	return row{Key: detect.Key{Name: name, Doc: doc, Example: example, Outcome: ledger.Dropped, Reason: reason, Remedy: remedy}}
}

// idle makes a row that carries no behaviour of the running system.
func idle(name, doc, example, reason string) row {
	return row{Key: detect.Key{Name: name, Doc: doc, Example: example, Outcome: ledger.Inert, Reason: reason}}
}

var serviceRows = []row{
	// what runs
	mapped("image", "the image", "nginx:1.27", func(s *svc) func(node) { return s.image }),
	mapped("command", "arguments, or the whole command where the image has no entrypoint", "[node, server.js]", func(s *svc) func(node) { return s.command }).orEmpty(),
	mapped("entrypoint", "fixed front of the command", "[/entry]", func(s *svc) func(node) { return s.entrypoint }).orEmpty(),
	mapped("working_dir", "working directory", "/srv/web", func(s *svc) func(node) { return s.workingDir }),
	mapped("user", "user and group", "990:990", func(s *svc) func(node) { return s.user }),
	mapped("group_add", "supplementary groups", "[\"44\"]", func(s *svc) func(node) { return s.groupAdd }),
	mapped("environment", "environment variables", "{LOG_LEVEL: debug}", func(s *svc) func(node) { return s.environment }).after(1),
	mapped("env_file", "files of environment variables; environment wins", "web.env", func(s *svc) func(node) { return s.envFile }),
	mapped("platform", "processor architecture", "linux/arm64", func(s *svc) func(node) { return s.platform }),
	lost("extends", "takes over another service's keys", "{service: base}", "lift reads what stands in the service itself", "write out the result: docker compose config > compose.yaml"),
	lost("provider", "a program of its own that stands in for a container", "{type: awesomecloud}", "compose asks a program on the machine to provide it", "provide the service on the target by hand and give its address to the others"),
	lost("models", "AI models that the service uses", "[llm]", "Docker Model Runner is on this machine alone", "serve the model on the target and set its URL in the environment"),
	lost("runtime", "OCI runtime", "runsc", "the machine's own container runtime", "set runtimeClassName by hand"),
	lost("isolation", "isolation technology of Windows", "hyperv", "lift moves Linux programs", ""),
	idle("pull_policy", "when the image is pulled", "always", "which image runs does not depend on when it is pulled; the target pulls by its own policy"),
	idle("pull_refresh_after", "how long a pulled image is good", "24h", "the target pulls by its own policy"),
	idle("attach", "whether compose shows the logs", "false", "it arranges the terminal of whoever starts compose"),
	idle("develop.watch", "what to do while files change", "[]", "it serves whoever works on the source"),
	idle("annotations", "annotations of the container", "{a: b}", "an annotation carries no behaviour of its own"),
	nearly("labels", "labels of the container", "{a: b}", func(s *svc) func(node) { return s.labels }),
	lost("label_file", "files of labels", "web.labels", "labels carry no behaviour, unless a program that watches Docker reads them", "write what it asks for, for the target"),
	idle("container_name", "name of the container", "web", "names of containers are given by the platform; peers use the service's name"),
	lost("hostname", "the name that the program sees as its machine's", "web01", "a pod's name is its host name", "set hostname in the pod by hand"),
	lost("domainname", "the domain that the program sees as its machine's", "example.org", "the domain is the cluster's", "set subdomain in the pod by hand"),

	// how its image is built
	mapped("build", "directory that is sent to the builder", "./web", func(s *svc) func(node) { return s.buildContext }),
	mapped("build.context", "directory that is sent to the builder", "./web", func(s *svc) func(node) { return s.buildContext }),
	mapped("build.dockerfile", "the recipe, relative to the context", "Dockerfile.prod", func(s *svc) func(node) { return s.buildFile }).after(1),
	mapped("build.dockerfile_inline", "the recipe itself", "FROM x", func(s *svc) func(node) { return s.buildInline }),
	mapped("build.args", "arguments of the build", "{VERSION: \"1\"}", func(s *svc) func(node) { return s.buildArgs }),
	idle("build.target", "the stage that is the image", "prod", "the Dockerfile is read up to this stage"),
	lost("build.additional_contexts", "other directories by name", "{lib: ../lib}", "only the main context is read", "copy from the context, or name an image"),
	lost("build.platforms", "architectures to build for", "[linux/amd64]", "the image is built for the target's machines", "set the platforms in the pipeline that builds"),
	lost("build.secrets", "secrets of the build", "[npm]", "whoever builds supplies them", "give them to the pipeline that builds"),
	lost("build.ssh", "SSH agent of the build", "[default]", "whoever builds supplies it", "give it to the pipeline that builds"),
	lost("build.extra_hosts", "names that the build resolves", "{a: 10.0.0.1}", "names are resolved where it is built", "give them to the pipeline that builds"),
	lost("build.network", "network of the build", "host", "it is where it is built", "set it in the pipeline that builds"),
	lost("build.privileged", "the build may do everything", "true", "builders on a platform refuse it", "let the recipe do without"),
	lost("build.entitlements", "what the build may do", "[network.host]", "builders on a platform refuse it", "let the recipe do without"),
	lost("build.ulimits", "limits of the build", "{nofile: 1024}", "the builder has limits of its own", ""),
	lost("build.isolation", "isolation technology of Windows", "hyperv", "lift moves Linux programs", ""),
	idle("build.shm_size", "shared memory of the build", "64m", "it bounds the build, not the program"),
	idle("build.cache_from", "images whose layers are used again", "[a]", "a cache makes the same image sooner"),
	idle("build.cache_to", "where layers are kept", "[a]", "a cache makes the same image sooner"),
	idle("build.no_cache", "builds everything anew", "true", "a cache makes the same image sooner"),
	idle("build.no_cache_filter", "stages that are built anew", "[a]", "a cache makes the same image sooner"),
	idle("build.pull", "pulls the base anew", "true", "the base is the same tag"),
	idle("build.labels", "labels of the image", "{a: b}", "a label carries no behaviour of its own"),
	idle("build.tags", "further tags of the image", "[a:1]", "a tag is a second name"),
	idle("build.provenance", "attestation", "true", "it describes the image"),
	idle("build.sbom", "attestation", "true", "it describes the image"),

	// who reaches it
	mapped("ports", "ports that the machine offers", "[\"127.0.0.1:3000:3000\"]", func(s *svc) func(node) { return s.publishing }),
	mapped("expose", "ports that peers use", "[\"3000\"]", func(s *svc) func(node) { return s.expose }),
	nearly("networks", "networks that it is in", "[default]", func(s *svc) func(node) { return s.networks }),
	nearly("network_mode", "shares another network", "bridge", func(s *svc) func(node) { return s.networkMode }),
	lost("dns", "name servers", "[10.0.0.1]", "the cluster has its own name server", "set dnsConfig by hand"),
	lost("dns_opt", "options of the resolver", "[ndots:1]", "the cluster has its own name server", "set dnsConfig.options by hand"),
	lost("dns_search", "domains that are searched", "[example.org]", "the cluster has its own domains", "set dnsConfig.searches by hand"),
	lost("extra_hosts", "names in /etc/hosts", "{a: 10.0.0.1}", "the model has no file of hosts", "set hostAliases by hand"),
	lost("external_links", "containers outside of this file", "[db]", "a container that compose did not start", "add it to the file, or give its address in the environment"),
	lost("mac_address", "address of the network card", "02:42:ac:11:00:02", "addresses are given out anew on every tier", "use the service's name"),
	nearly("links", "services that are reached under another name", "[db]", func(s *svc) func(node) { return s.links }).after(1),

	// what it keeps
	mapped("volumes", "mounts", "[\"data:/srv/data\"]", func(s *svc) func(node) { return s.mounts }),
	mapped("tmpfs", "memory that is mounted", "/run", func(s *svc) func(node) { return s.tmpfs }),
	lost("volumes_from", "mounts of another container", "[db]", "mounts are named by each workload", "write the other service's volumes here too"),
	mapped("configs", "files from the top level's configs", "[{source: nginx, target: /etc/nginx/nginx.conf}]", func(s *svc) func(node) { return s.files }),
	lost("secrets", "files from the top level's secrets", "[db]", "files that compose puts into the container are not read; secrets are carried as parameters of the environment", "mount a Secret at /run/secrets by hand, or take the value from the environment"),
	lost("shm_size", "size of /dev/shm", "64m", "/dev/shm has the size that the platform gives it", "mount a tmpfs at /dev/shm: tmpfs: /dev/shm:size=64m"),
	lost("storage_opt", "options of the storage driver", "{size: 1G}", "an option of Docker's storage", "set ephemeral-storage limits by hand"),
	lost("devices", "devices of the machine", "[/dev/snd]", "a device is on one machine", "use a device plugin and select the nodes"),
	lost("device_cgroup_rules", "access to devices", "[\"c 1:3 mr\"]", "a device is on one machine", "use a device plugin and select the nodes"),
	lost("gpus", "graphics processors", "all", "a device is on one machine", "set resources.limits of the device plugin by hand: nvidia.com/gpu: 1"),

	// when it runs
	mapped("depends_on", "services that must be there first", "{db: {condition: service_healthy}}", func(s *svc) func(node) { return s.dependsOn }),
	nearly("restart", "what happens after its end", "on-failure:3", func(s *svc) func(node) { return s.restart }),
	mapped("stop_signal", "signal that stops it", "SIGINT", func(s *svc) func(node) { return s.stopSignal }),
	mapped("stop_grace_period", "time until it is killed", "45s", func(s *svc) func(node) { return s.stopGrace }),
	nearly("profiles", "groups; job, cron and manual have a meaning in lift", "[job]", func(s *svc) func(node) { return s.profiles }),
	mapped("scale", "how many run", "2", func(s *svc) func(node) { return s.replicas("deploy.replicas") }),
	mapped("post_start", "commands after the start", "[{command: [/warm]}]", func(s *svc) func(node) { return s.hooks("started", &s.w.Started) }),
	mapped("pre_stop", "commands before the stop", "[{command: [/drain]}]", func(s *svc) func(node) { return s.hooks("stopping", &s.w.Stopping) }),
	mapped("healthcheck.disable", "there is no check", "true", func(s *svc) func(node) { return s.healthDisable }),
	mapped("healthcheck.test", "the check's command; curl, wget, node and python3 asking the program itself are an HTTP probe", "[CMD, /check]", func(s *svc) func(node) { return s.healthTest }).after(2),
	mapped("healthcheck.interval", "time between two checks", "10s", func(s *svc) func(node) { return s.healthTime(&s.w.Probes.Readiness.Interval, "interval") }),
	mapped("healthcheck.timeout", "time for one check", "3s", func(s *svc) func(node) { return s.healthTime(&s.w.Probes.Readiness.Timeout, "timeout") }),
	mapped("healthcheck.start_period", "failures within it do not count", "5s", func(s *svc) func(node) { return s.healthTime(&s.w.Probes.Readiness.Delay, "delay") }),
	mapped("healthcheck.retries", "failures in a row", "3", func(s *svc) func(node) { return s.checking(s.healthRetries) }),
	lost("healthcheck.start_interval", "time between two checks during the start", "1s", "a probe has one interval", "use a startup probe with an interval of its own"),
	lost("init", "an init process as PID 1", "true", "nobody reaps the program's orphans", "make tini the image's entrypoint"),
	lost("tty", "a terminal", "true", "no one sits at a terminal of a service", "let the program print without one"),
	lost("stdin_open", "standard input stays open", "true", "no one types into a service", "let the program run without input"),

	// what it may use
	mapped("cpus", "CPUs at most", "1.5", func(s *svc) func(node) { return s.cpuLimit("deploy.resources.limits.cpus") }),
	nearly("cpu_shares", "weight under contention", "2048", func(s *svc) func(node) { return s.cpuShares }),
	mapped("cpu_quota", "CPU time in each period", "150000", func(s *svc) func(node) { return s.cpuQuota }).after(1),
	mapped("cpu_period", "the period of cpu_quota", "100000", func(s *svc) func(node) { return s.cpuPeriod }).after(2),
	mapped("mem_limit", "memory at most", "512m", func(s *svc) func(node) { return s.memoryLimit("deploy.resources.limits.memory") }),
	mapped("mem_reservation", "memory that it needs", "128m", func(s *svc) func(node) { return s.memoryRequest("deploy.resources.reservations.memory") }),
	mapped("memswap_limit", "memory and swap together", "1g", func(s *svc) func(node) { return s.swap }).after(2),
	mapped("pids_limit", "processes at most", "128", func(s *svc) func(node) { return s.pids("deploy.resources.limits.pids") }),
	mapped("ulimits.nofile", "open files at most", "{soft: 4096, hard: 8192}", func(s *svc) func(node) { return s.nofile }),
	lost("ulimits.*", "another limit of a process", "4096", "limits of a process other than nofile are set by the node's runtime", "set it in the image: a start script with ulimit"),
	lost("cpu_count", "CPUs of Windows", "2", "lift moves Linux programs", "write cpus"),
	lost("cpu_percent", "CPU share of Windows", "50", "lift moves Linux programs", "write cpus"),
	lost("cpu_rt_period", "period of real-time scheduling", "1000000", "no platform above Docker schedules in real time", "run it on a machine of its own"),
	lost("cpu_rt_runtime", "real-time scheduling", "950000", "no platform above Docker schedules in real time", "run it on a machine of its own"),
	lost("cpuset", "the CPUs to run on", "0-1", "the platform chooses the CPUs", "use the static CPU manager with whole CPUs"),
	lost("blkio_config", "disk bandwidth", "{weight: 300}", "no platform above Docker shares out disks", "choose a storage class with the bandwidth"),
	lost("mem_swappiness", "how readily memory is swapped", "10", "nodes of a cluster have no swap", ""),
	lost("oom_kill_disable", "memory above the limit does not kill", "true", "above Docker the limit always kills", "give it enough memory"),
	lost("oom_score_adj", "who is killed first", "-500", "the platform derives it from requests and limits", "set request and limit to the same amount"),

	// what it may do
	mapped("read_only", "the root file system is read-only", "true", func(s *svc) func(node) { return s.yes(&s.w.Security.ReadOnlyRoot, "security", "readOnlyRoot") }),
	mapped("privileged", "everything is allowed", "true", func(s *svc) func(node) { return s.yes(&s.w.Security.Privileged, "security", "privileged") }),
	mapped("cap_add", "capabilities to add", "[NET_BIND_SERVICE]", func(s *svc) func(node) { return s.capability(&s.caps.added) }),
	mapped("cap_drop", "capabilities to drop", "[ALL]", func(s *svc) func(node) { return s.capability(&s.caps.dropped) }),
	mapped("security_opt", "no-new-privileges, seccomp", "[\"no-new-privileges:true\"]", func(s *svc) func(node) { return s.securityOpt }),
	lost("sysctls", "kernel parameters", "{net.core.somaxconn: 1024}", "kernel parameters are the node's", "set securityContext.sysctls by hand and allow them on the nodes"),
	lost("userns_mode", "user name space", "host", "a setting of the machine's Docker", "set hostUsers by hand"),
	lost("uts", "host name space", "host", "the program sees the machine's host name", "set hostNetwork by hand"),
	lost("pid", "process name space", "host", "the program sees other processes of the machine", "set hostPID by hand, or make it a DaemonSet"),
	lost("ipc", "shared memory name space", "host", "the program shares memory with others of the machine", "put both into one pod"),
	lost("cgroup", "cgroup name space", "private", "the platform places the program into a group", ""),
	lost("cgroup_parent", "cgroup on the machine", "m.slice", "the platform places the program into a group", ""),
	lost("credential_spec", "account of Windows", "{file: a.json}", "lift moves Linux programs", ""),
	lost("use_api_socket", "access to Docker itself", "true", "there is no Docker above this tier", "give the program an account of the target's API"),

	// where its output goes
	nearly("logging.driver", "where the lines go", "json-file", func(s *svc) func(node) { return s.logDriver }),
	mapped("logging.options.tag", "name under which the lines are filed", "web", func(s *svc) func(node) { return s.logTag }),
	lost("logging.options.*", "options of the way of the lines", "10m", "the platform rotates and forwards the lines", "set it up in the platform's log collector"),

	// deploy: what Docker Compose honours of it
	mapped("deploy.replicas", "how many run", "2", func(s *svc) func(node) { return s.replicas("scale") }),
	mapped("deploy.resources.limits.cpus", "CPUs at most", "1.5", func(s *svc) func(node) { return s.cpuLimit("cpus") }),
	mapped("deploy.resources.limits.memory", "memory at most", "512m", func(s *svc) func(node) { return s.memoryLimit("mem_limit") }),
	mapped("deploy.resources.limits.pids", "processes at most", "128", func(s *svc) func(node) { return s.pids("pids_limit") }),
	mapped("deploy.resources.reservations.cpus", "CPUs that it needs", "0.25", func(s *svc) func(node) { return s.cpuRequest }),
	mapped("deploy.resources.reservations.memory", "memory that it needs", "128m", func(s *svc) func(node) { return s.memoryRequest("mem_reservation") }),
	lost("deploy.resources.reservations.devices", "devices that it needs", "[{capabilities: [gpu]}]", "a device is on one machine", "set resources.limits of the device plugin by hand: nvidia.com/gpu: 1"),
	lost("deploy.resources.reservations.generic_resources", "resources of a swarm", "[{discrete_resource_spec: {kind: a, value: 1}}]", "a resource that a swarm's nodes announce", "use a device plugin and select the nodes"),
	nearly("deploy.restart_policy.condition", "what happens after its end; takes the place of restart", "any", func(s *svc) func(node) { return s.policyCondition }).after(1),
	mapped("deploy.restart_policy.max_attempts", "restarts at most", "3", func(s *svc) func(node) { return s.policyAttempts }).after(2),
	idle("deploy.restart_policy.delay", "time between restarts", "5s", "a swarm alone honours it"),
	idle("deploy.restart_policy.window", "time after which a start is good", "10s", "a swarm alone honours it"),
	idle("deploy.mode", "how a swarm runs it", "replicated", "a swarm alone honours it"),
	idle("deploy.endpoint_mode", "how a swarm finds it", "vip", "a swarm alone honours it"),
	idle("deploy.placement", "where a swarm runs it", "{constraints: []}", "a swarm alone honours it"),
	idle("deploy.update_config", "how a swarm replaces it", "{parallelism: 1}", "a swarm alone honours it"),
	idle("deploy.rollback_config", "how a swarm goes back", "{parallelism: 1}", "a swarm alone honours it"),
	idle("deploy.labels", "labels of a swarm's service", "{a: b}", "a label carries no behaviour of its own"),
}

// top is the mapping of the keys at top level.
var top = newTable(topRows)

var topRows = []row{
	{Key: detect.Key{Name: "name", Doc: "name of the system", Example: "shop", Outcome: ledger.Converted}, top: func(r *reader) func(node) { return r.name }},
	{Key: detect.Key{Name: "services", Doc: "the workloads", Outcome: ledger.Converted}, top: func(r *reader) func(node) { return r.allServices }},
	{Key: detect.Key{Name: "volumes", Doc: "storage that outlives its workloads", Example: "{data: {}}", Outcome: ledger.Converted}, top: func(r *reader) func(node) { return r.topVolumes }},
	idle("version", "version of the format", "\"3.8\"", "compose ignores it"),
	lost("networks", "networks", "{front: {}}", "workloads reach each other; networks that keep them apart are not carried", "write NetworkPolicies"),
	lost("secrets", "secrets by name", "{db: {file: ./db.txt}}", "files that compose puts into containers are not read; secrets are carried as parameters of the environment", "mount a Secret at /run/secrets by hand"),
	mappedTop("configs", "files by name", "{nginx: {file: ./nginx.conf}}", func(r *reader) func(node) { return r.topConfigs }),
	lost("include", "other compose files", "[other.yaml]", "one compose file is read", "write out the result: docker compose config > compose.yaml"),
	lost("models", "AI models by name", "{llm: {model: ai/smollm2}}", "Docker Model Runner is on this machine alone", "serve the model on the target"),
}

// keys is the mapping for lift explain and the reference pages.
func keys() []detect.Key {
	var out []detect.Key
	for _, part := range []struct {
		section, spec string
		rows          []row
	}{{"services.*", "compose-spec: services", serviceRows}, {"", "compose-spec: top-level elements", topRows}} {
		for _, r := range part.rows {
			k := r.Key
			k.Section, k.Spec = part.section, part.spec
			out = append(out, k)
		}
	}
	return out
}

// absent are the places that compose leaves unset on minimal input.
var absent = []detect.Absence{
	{Path: "name", Reason: "without name: the directory's name is the project's"},
	{Path: "tree", Reason: "compose knows directories of builds alone"},
	{Path: "place", Reason: "compose knows directories of builds alone"},
	{Path: "gateway", Reason: "on one machine nothing stands before the published ports"},
	{Path: "ingress", Reason: "on one machine nothing stands before the published ports"},
	{Path: "routes", Reason: "on one machine nothing stands before the published ports"},
	{Path: "volumes.*.size", Reason: "a volume of Docker has no size"},
	{Path: "volumes.*.access", Reason: "a volume of Docker may always be shared"},
	{Path: "volumes.*.origin", Reason: "compose does not say where data comes from"},
	{Path: "workloads.*.image", Reason: "a service that is built needs no name for its image"},
	{Path: "workloads.*.source", Reason: "the Dockerfile tells what the image is made of"},
	{Path: "workloads.*.build", Reason: "a service with an image is not built; stages and ignore are the Dockerfile's"},
	{Path: "workloads.*.command", Reason: "the image has its own"},
	{Path: "workloads.*.dir", Reason: "the image has its own; without a Dockerfile it is not known"},
	{Path: "workloads.*.env", Reason: "none is set"},
	{Path: "workloads.*.user", Reason: "the image has its own; without a Dockerfile it is not known"},
	{Path: "workloads.*.umask", Reason: "compose cannot say it"},
	{Path: "workloads.*.before", Reason: "compose has no command before the start"},
	{Path: "workloads.*.started", Reason: "there is none"},
	{Path: "workloads.*.stopping", Reason: "there is none"},
	{Path: "workloads.*.ports", Reason: "the image may have its own"},
	{Path: "workloads.*.probes", Reason: "the image may have its own health check"},
	{Path: "workloads.*.files", Reason: "there is none"},
	{Path: "workloads.*.mounts", Reason: "there is none"},
	{Path: "workloads.*.mounts.*.mode", Reason: "Docker mounts a tmpfs with 1777, which each program may change; others belong to the file system"},
	{Path: "workloads.*.mounts.*.size", Reason: "a mount has no bound of its own"},
	{Path: "workloads.*.restart.delay", Reason: "Docker doubles a delay from 100 ms by itself"},
	{Path: "workloads.*.restart.attempts", Reason: "without on-failure:N they are not counted"},
	{Path: "workloads.*.restart.window", Reason: "Docker counts attempts for ever"},
	{Path: "workloads.*.start", Reason: "compose bounds neither start nor run"},
	{Path: "workloads.*.stop.signal", Reason: "the image has its own; without a Dockerfile it is not known"},
	{Path: "workloads.*.resources", Reason: "nothing is bounded; with mem_limit alone Docker allows as much swap again, where the machine has any"},
	{Path: "workloads.*.scale.min", Reason: "compose does not scale by itself"},
	{Path: "workloads.*.scale.max", Reason: "compose does not scale by itself"},
	{Path: "workloads.*.schedule", Reason: "compose knows no times"},
	{Path: "workloads.*.needs", Reason: "there is none"},
	{Path: "workloads.*.placement", Reason: "it runs on the machine that there is"},
	{Path: "workloads.*.security.seccomp", Reason: "Docker applies its profile unless the daemon says otherwise"},
	{Path: "workloads.*.logging", Reason: "Docker files the lines under the container's id"},
}

func (s *svc) image(n node) {
	if t, ok := s.text(n); ok {
		if t == "" {
			s.bad(n, wrongf("write the image's name", "an empty image"))
			return
		}
		s.w.Image = deploy.Some(t)
		s.give(n, s.at.Join("image"))
	}
}
