package main

import "runtime/debug"

// version may be set at build time: -ldflags "-X main.version=v1.2.3".
var version string

// versionText is the version that was set, else what the Go build recorded: the
// module's version, or the commit it was built from.
func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	text := info.Main.Version
	if text != "" && text != "(devel)" {
		return text + " (" + info.GoVersion + ")"
	}
	text = "devel"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			text += " " + s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			text += " modified"
		}
	}
	return text + " (" + info.GoVersion + ")"
}
