using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>
/// The few calls that .NET has no name for. Numbers are those of Linux; those of
/// <see cref="Kill"/> and of descriptors are the same on macOS.
/// </summary>
internal static unsafe partial class LibC
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int ErrorNotThere = 2;
    public const int ErrorNoProcess = 3;
    public const int ErrorInterrupted = 4;
    public const int ErrorBadDescriptor = 9;
    public const int ErrorBrokenPipe = 32;
    public const int GetDescriptorFlags = 1;
    public const int CloseOnExec = 1;
    public const short PollOut = 4;
    public const int ErrorWouldBlock = 11;
    public const int ErrorNoAccess = 13;
    public const int ErrorExists = 17;
    public const int ErrorReadOnlyFileSystem = 30;
    public const int ErrorTooManyLinks = 40;
    public const int OpenToWrite = 1;
    public const int OpenCreate = 0x40;
    public const int OpenNew = 0x80;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;
    public const int CurrentDirectory = -100;
    public const int MayExecute = 1;
    public const int MayWrite = 2;
    public const int MayRead = 4;
    public const int AsEffectiveUser = 0x200;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int QueryLock = 5;
    public const short ReadLock = 0;
    public const short WriteLock = 1;
    public const short NoLock = 2;
    public const int SetChildSubreaper = 36;
    public const int ClockTicksPerSecond = 2;

    public static readonly int ErrorTryAgain = OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>O_NOFOLLOW, whose value ARM and POWER have of their own.</summary>
    public static int OpenNoFollow => RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86
        or Architecture.S390x or Architecture.LoongArch64 or Architecture.RiscV64 ? 0x20000 : 0x8000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Flock(SafeHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(int descriptor, int command, ref LockQuery query);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int Chown(SafeHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(int directory, string path, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "prctl")]
    public static partial int PrCtl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint count);

    // Without its optional argument, so that it is called like any other function.
    [LibraryImport("libc", EntryPoint = "fcntl")]
    public static partial int FileControl(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "poll")]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    public static partial nint SysConf(int name);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(out int pid, string path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int SpawnActionsInit(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int SpawnActionsDuplicate(void* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SpawnActionsOpen(void* actions, int target, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int SpawnAttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SpawnAttributesSetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SpawnAttributesSetDefaultSignals(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SpawnAttributesSetMask(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int SignalsFill(void* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int SignalsEmpty(void* signals);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    /// <summary>struct flock of a 64-bit system.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LockQuery
    {
        public short Type;
        public short Whence;
        public long From;
        public long Length;
        public int Pid;
    }
}
