using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GlifMl.Torch;

/// <summary>
/// Loads libtorch's native libraries before TorchSharp is first touched.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's libLibTorchSharp.so asks for GLIBCXX_3.4.32 (GCC 13) for one symbol that is never called, so it does not load on
/// Debian 12, Ubuntu 22.04 and their like. There a copy whose requirement is marked weak is written to the user's cache and loaded
/// instead. It runs when this assembly is first used; where the library loads as it is, and on other systems, nothing is changed.
/// </remarks>
public static class TorchRuntime
{
    private const string Library = "libLibTorchSharp.so";
    private const string UnusedVersion = "GLIBCXX_3.4.32";
    private static readonly Lazy<Outcome> Load = new(LoadOnce);

    /// <summary>What was loaded, from where, and whether a patched copy was needed: one line for logs and bug reports.</summary>
    public static string Description => Load.Value.Description;

    /// <summary>Makes sure that libtorch is loaded. Cheap after the first call.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded on this machine; the message says which file and why.</exception>
    public static void EnsureLoaded()
    {
        if (!Load.Value.Loaded)
            throw new DllNotFoundException(Load.Value.Description);
    }

    /// <summary>Runs the loader before any other code of this assembly; failures wait for <see cref="EnsureLoaded"/>.</summary>
    [ModuleInitializer]
    [SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "TorchSharp loads its library once, in a static constructor: ours must come first."
    )]
    internal static void Initialize() => _ = Load.Value;

    private static Outcome LoadOnce()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return new(true, "libtorch is left to TorchSharp on this system");
        if (Find(Library) is not { } original)
            return new(false, $"libtorch was not found: no {Library} beside {AppContext.BaseDirectory}; reference TorchSharp-cpu");

        try
        {
            // The patched copy stands elsewhere, so its run path does not lead to these; libraries already loaded satisfy it by name.
            foreach (var dependency in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            {
                if (Find(dependency) is { } path)
                    NativeLibrary.Load(path);
            }

            if (NativeLibrary.TryLoad(original, out _))
                return new(true, $"libtorch loaded from {original}");

            var image = File.ReadAllBytes(original);
            var hash = ShortHash.Of(Convert.ToHexStringLower(SHA256.HashData(image)));
            if (!ElfVersionNeed.Weaken(image, UnusedVersion))
                NativeLibrary.Load(original);
            var copy = WriteOnce(Path.Combine(CacheFolder(), hash), image);
            NativeLibrary.Load(copy);
            return new(true, $"libtorch loaded from {copy}: {original} with its need of {UnusedVersion} marked weak");
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return new(false, $"libtorch cannot be loaded from {original}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static string? Find(string file)
    {
        var beside = Path.Combine("runtimes", "linux-x64", "native");
        var searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return searched
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(AppContext.BaseDirectory, beside))
            .Append(AppContext.BaseDirectory)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    // Only the user can write here: a library must never be loaded from a folder that others can write to, such as /tmp.
    private static string CacheFolder() =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
            "glifml"
        );

    private static string WriteOnce(string folder, byte[] content)
    {
        var target = Path.Combine(folder, Library);
        if (!File.Exists(target) || !content.AsSpan().SequenceEqual(File.ReadAllBytes(target)))
            AtomicFile.WriteAllBytes(target, content);
        return target;
    }

    private sealed record Outcome(bool Loaded, string Description);
}
