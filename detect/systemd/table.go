package systemd

import (
	"sync"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// row is one directive: what it is, and the small function that maps it. Without a function the row's outcome says what becomes of it.
type row struct {
	detect.Key
	apply func(*unit, line)
}

type rowKey struct{ section, name string }

// rows is the whole mapping by section and name, made at the first need: most runs of lift read no unit.
var rows = sync.OnceValue(func() map[rowKey]row {
	m := make(map[rowKey]row, 600)
	for _, k := range fixed {
		m[rowKey{k.Section, k.Name}] = row{Key: k}
	}
	for _, r := range mapped() {
		m[rowKey{r.Section, r.Name}] = r
	}
	return m
})

func keys() []detect.Key {
	var out []detect.Key
	for _, r := range mapped() {
		out = append(out, r.Key)
	}
	return append(out, fixed...)
}

func entry(section, name, spec, example, doc string, apply func(*unit, line)) row {
	return row{detect.Key{Name: name, Section: section, Doc: doc, Spec: spec, Example: example, Outcome: ledger.Converted}, apply}
}

const (
	unitSpec     = "systemd.unit(5)"
	serviceSpec  = "systemd.service(5)"
	execSpec     = "systemd.exec(5)"
	killSpec     = "systemd.kill(5)"
	resourceSpec = "systemd.resource-control(5)"
	timerSpec    = "systemd.timer(5)"
	socketSpec   = "systemd.socket(5)"
)

// mapped are the directives that give fields of the model.
func mapped() []row {
	return []row{
		entry("Unit", "After", unitSpec, "orders.service", "starts after the listed units have started", (*unit).after),
		entry("Unit", "Before", unitSpec, "orders.service", "the listed units start after this one has started", (*unit).before),
		entry("Unit", "Requires", unitSpec, "orders.service", "starts the listed units too, and fails and stops with them", (*unit).requires),
		entry("Unit", "Wants", unitSpec, "orders.service", "starts the listed units too, and goes on without them", (*unit).wants),
		entry("Unit", "BindsTo", unitSpec, "orders.service", "like Requires=, and stops also when the other ends by itself", (*unit).requires),
		entry("Unit", "PartOf", unitSpec, "orders.service", "stops and restarts together with the listed units", (*unit).partOf),
		entry("Unit", "Requisite", unitSpec, "orders.service", "fails unless the listed units run already", (*unit).requires),
		entry("Unit", "StartLimitIntervalSec", unitSpec, "60", "the time within which StartLimitBurst= starts are allowed", (*unit).startWindow),
		entry("Unit", "StartLimitInterval", unitSpec, "60", "the older name of StartLimitIntervalSec=", (*unit).startWindow),
		entry("Unit", "StartLimitBurst", unitSpec, "5", "how many starts are allowed before systemd gives up", (*unit).startBurst),
		entry("Service", "StartLimitInterval", unitSpec, "60", "the older name and place of StartLimitIntervalSec=", (*unit).startWindow),
		entry("Service", "StartLimitBurst", unitSpec, "5", "how many starts are allowed before systemd gives up (older place)", (*unit).startBurst),
		entry("Unit", "ConditionArchitecture", unitSpec, "x86-64", "starts only on machines of this architecture", (*unit).architecture),

		entry("Service", "Type", serviceSpec, "simple", "how systemd knows that the program has started", (*unit).serviceType),
		entry("Service", "ExecStart", serviceSpec, "/usr/bin/node server.js", "the program and its arguments", (*unit).execStart),
		entry("Service", "ExecStartPre", serviceSpec, "/opt/shop/bin/migrate", "runs to its end before each start", (*unit).execStartPre),
		entry("Service", "ExecStartPost", serviceSpec, "/opt/shop/bin/announce", "runs after each start", (*unit).execStartPost),
		entry("Service", "ExecStop", serviceSpec, "/opt/shop/bin/drain", "runs before the stop signal", (*unit).execStop),
		entry("Service", "Restart", serviceSpec, "on-failure", "when the program is started again after its end", (*unit).restart),
		entry("Service", "RestartSec", serviceSpec, "5", "how long to wait before a restart", (*unit).restartSec),
		entry("Service", "TimeoutStartSec", serviceSpec, "2min", "how long the start may take; of a oneshot service, the whole run", (*unit).timeoutStart),
		entry("Service", "TimeoutStopSec", serviceSpec, "30", "how long the program has to stop before it is killed", (*unit).timeoutStop),
		entry("Service", "TimeoutSec", serviceSpec, "30", "TimeoutStartSec= and TimeoutStopSec= in one", (*unit).timeoutBoth),
		entry("Service", "RuntimeMaxSec", serviceSpec, "1h", "how long the program may run at all", (*unit).runtimeMax),
		entry("Service", "KillSignal", killSpec, "SIGINT", "the signal that asks the program to stop", (*unit).killSignal),
		entry("Service", "KillMode", killSpec, "mixed", "which processes get the stop signal", (*unit).killMode),
		entry("Service", "User", execSpec, "shop", "the user that the program runs as", (*unit).user),
		entry("Service", "Group", execSpec, "shop", "the group that the program runs as", (*unit).group),
		entry("Service", "DynamicUser", execSpec, "yes", "a user that exists only while the program runs", (*unit).dynamicUser),
		entry("Service", "SupplementaryGroups", execSpec, "44", "further groups of the program", (*unit).groups),
		entry("Service", "WorkingDirectory", execSpec, "/opt/shop", "the directory that the program starts in", (*unit).workingDirectory),
		entry("Service", "Environment", execSpec, "LOG_LEVEL=info", "environment variables", (*unit).environment),
		entry("Service", "EnvironmentFile", execSpec, "-/etc/shop/shop.env", "files with environment variables, read at each start", (*unit).environmentFile0),
		entry("Service", "UnsetEnvironment", execSpec, "DEBUG", "variables that the program must not get", (*unit).unsetEnvironment),
		entry("Service", "UMask", execSpec, "0027", "permissions that new files do not get", (*unit).umask),
		entry("Service", "LimitNOFILE", execSpec, "4096:8192", "how many files the program may have open", (*unit).limitNOFILE),
		entry("Service", "TasksMax", resourceSpec, "128", "how many processes and threads there may be", (*unit).tasksMax),
		entry("Service", "MemoryMax", resourceSpec, "512M", "the memory that the program may use at most", (*unit).memoryMax),
		entry("Service", "MemoryLimit", resourceSpec, "512M", "the older name of MemoryMax=", (*unit).memoryMax),
		entry("Service", "MemoryMin", resourceSpec, "128M", "memory that is kept for the program in any case", (*unit).memoryRequest),
		entry("Service", "MemoryLow", resourceSpec, "128M", "memory that is kept for the program if it can be", (*unit).memoryRequest),
		entry("Service", "MemorySwapMax", resourceSpec, "0", "the swap space that the program may use at most", (*unit).memorySwap),
		entry("Service", "CPUQuota", resourceSpec, "150%", "CPU time at most, in percent of one CPU", (*unit).cpuQuota),
		entry("Service", "CPUWeight", resourceSpec, "200", "share of the CPU under contention; 100 is usual", (*unit).cpuWeight),
		entry("Service", "CapabilityBoundingSet", execSpec, "CAP_NET_BIND_SERVICE", "the capabilities that the program may ever have", (*unit).boundingSet),
		entry("Service", "AmbientCapabilities", execSpec, "CAP_NET_BIND_SERVICE", "the capabilities that a program has that is not root", (*unit).ambientSet),
		entry("Service", "NoNewPrivileges", execSpec, "yes", "setuid programs gain the program nothing", (*unit).noNewPrivileges),
		entry("Service", "ProtectSystem", execSpec, "strict", "makes the file system read-only, or parts of it", (*unit).protectSystem),
		entry("Service", "ReadWritePaths", execSpec, "/srv/uploads", "stays writable under ProtectSystem=strict", (*unit).readWritePaths),
		entry("Service", "PrivateTmp", execSpec, "yes", "a /tmp and a /var/tmp of its own, emptied at the end", (*unit).privateTmp),
		entry("Service", "TemporaryFileSystem", execSpec, "/var/scratch", "directories in memory", (*unit).temporaryFileSystem),
		entry("Service", "RuntimeDirectory", execSpec, "shop", "a directory below /run, removed at the end", directories("RuntimeDirectory")),
		entry("Service", "RuntimeDirectoryMode", execSpec, "0750", "its permissions", directoryMode("RuntimeDirectory")),
		entry("Service", "StateDirectory", execSpec, "shop", "a directory below /var/lib that stays", directories("StateDirectory")),
		entry("Service", "StateDirectoryMode", execSpec, "0750", "its permissions", directoryMode("StateDirectory")),
		entry("Service", "CacheDirectory", execSpec, "shop", "a directory below /var/cache that stays", directories("CacheDirectory")),
		entry("Service", "CacheDirectoryMode", execSpec, "0750", "its permissions", directoryMode("CacheDirectory")),
		entry("Service", "LogsDirectory", execSpec, "shop", "a directory below /var/log that stays", directories("LogsDirectory")),
		entry("Service", "LogsDirectoryMode", execSpec, "0750", "its permissions", directoryMode("LogsDirectory")),
		entry("Service", "SyslogIdentifier", execSpec, "shop", "the name under which the lines of output are filed", (*unit).syslogIdentifier),
		entry("Service", "StandardInput", execSpec, "null", "where the program reads from", (*unit).standardInput),
		entry("Service", "StandardOutput", execSpec, "journal", "where output goes", (*unit).output),
		entry("Service", "StandardError", execSpec, "journal", "where error output goes", (*unit).output),

		entry("Install", "WantedBy", unitSpec, "multi-user.target", "starts together with the listed units, once enabled", (*unit).wantedBy),
		entry("Install", "RequiredBy", unitSpec, "multi-user.target", "starts together with the listed units, once enabled", (*unit).wantedBy),

		entry("Timer", "OnCalendar", timerSpec, "*-*-* 03:15:00", "when the service is started", (*unit).onCalendar),
		entry("Timer", "OnActiveSec", timerSpec, "10min", "starts the unit this long after the timer was started", (*unit).onSpan),
		entry("Timer", "OnBootSec", timerSpec, "15min", "starts the unit this long after the machine booted", (*unit).onSpan),
		entry("Timer", "OnStartupSec", timerSpec, "5min", "starts the unit this long after the manager started", (*unit).onSpan),
		entry("Timer", "OnUnitActiveSec", timerSpec, "1h", "starts the unit this long after its last start", (*unit).onSpan),
		entry("Timer", "OnUnitInactiveSec", timerSpec, "30min", "starts the unit this long after its last end", (*unit).onSpan),
		entry("Timer", "Persistent", timerSpec, "true", "makes up for a run that was missed", (*unit).persistent),
		entry("Timer", "RandomizedDelaySec", timerSpec, "5min", "delays each run by a random time up to this", (*unit).randomizedDelay),
		entry("Timer", "Unit", timerSpec, "nightly.service", "the unit that the timer starts", (*unit).timerUnit),

		entry("Socket", "ListenStream", socketSpec, "127.0.0.1:8080", "opens a TCP or stream socket and starts the service when a client connects", listen("stream", "tcp")),
		entry("Socket", "ListenDatagram", socketSpec, "5140", "opens a UDP or datagram socket and starts the service when a packet comes", listen("datagram", "udp")),
		entry("Socket", "Accept", socketSpec, "yes", "yes: starts an instance for each connection", (*unit).accept),
		entry("Socket", "Service", socketSpec, "app.service", "names the service to start; otherwise the one of the same name", (*unit).timerUnit),
		entry("Socket", "FileDescriptorName", socketSpec, "admin", "name under which the service finds the socket", (*unit).descriptorName),
	}
}

// sandbox are the directives that imply NoNewPrivileges= for a user that is not root (systemd.exec(5), NoNewPrivileges=).
var sandbox = map[string]bool{
	"SystemCallFilter": true, "SystemCallArchitectures": true, "RestrictAddressFamilies": true, "RestrictNamespaces": true, "PrivateDevices": true, "ProtectKernelTunables": true,
	"ProtectKernelModules": true, "ProtectKernelLogs": true, "ProtectClock": true, "MemoryDenyWriteExecute": true, "RestrictRealtime": true, "RestrictSUIDSGID": true,
	"DynamicUser": true, "LockPersonality": true, "SystemCallLog": true, "ProtectHostname": true,
}
