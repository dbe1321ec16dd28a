using System.Runtime.Versioning;

// Real signals, real permissions, /proc: the tests run where the product runs in production.
[assembly: SupportedOSPlatform("linux")]
[assembly: TestCollectionOrderer("MigrationHost.Tests.Support.ServersFirst", "MigrationHost.Tests")]
