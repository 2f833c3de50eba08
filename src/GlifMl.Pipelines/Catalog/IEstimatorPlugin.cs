using System.Reflection;
using System.Runtime.Loader;

namespace GlifMl;

/// <summary>
/// An assembly's way into the catalogue: a public class with a public constructor without parameters. A definition names the assembly under
/// <c>uses</c>, and whoever runs the definition allows it by <c>--allow-plugins</c>; a program adds it by
/// <see cref="EstimatorCatalog.AddFrom"/>.
/// </summary>
public interface IEstimatorPlugin
{
    /// <summary>Adds the assembly's estimators.</summary>
    /// <param name="catalog">What definitions can name.</param>
    void AddTo(EstimatorCatalog catalog);
}

/// <summary>Finds the plugins of an assembly.</summary>
internal static class PluginAssembly
{
    private const string Expected = $"expected a .NET assembly with a public class that implements {nameof(IEstimatorPlugin)}";

    /// <summary>Loads an assembly.</summary>
    /// <param name="file">Its full path.</param>
    /// <returns>Its plugins, one at least.</returns>
    /// <exception cref="ArgumentException">It is no assembly, cannot be loaded, or has no plugin.</exception>
    public static IReadOnlyList<IEstimatorPlugin> Load(string file)
    {
        try
        {
            Type[] types =
            [
                .. new Context(file)
                    .LoadFromAssemblyPath(file)
                    .GetExportedTypes()
                    .Where(type =>
                        type.IsAssignableTo(typeof(IEstimatorPlugin))
                        && !type.IsAbstract
                        && type.GetConstructor(Type.EmptyTypes) is not null
                    ),
            ];
            return types.Length > 0
                ? [.. types.Select(type => (IEstimatorPlugin)Activator.CreateInstance(type)!)]
                : throw new ArgumentException($"found no plugin in it; {Expected}");
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or TypeLoadException or TargetInvocationException)
        {
            var cause = (e as TargetInvocationException)?.InnerException ?? e;
            throw new ArgumentException($"found one that does not load ({cause.Message.ReplaceLineEndings(" ")}); {Expected}", e);
        }
    }

    /// <summary>What this program has is shared with a plugin, this library above all; the rest is looked for beside the plugin.</summary>
    private sealed class Context(string file) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(file))
    {
        private readonly AssemblyDependencyResolver _resolver = new(file);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            try
            {
                return Default.LoadFromAssemblyName(new AssemblyName(assemblyName.Name!));
            }
            catch (FileNotFoundException)
            {
                return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
            }
        }
    }
}
