namespace GlifMl.Pipelines;

/// <summary>What a definition needs to know of the estimators it may name in its <c>pipeline</c>.</summary>
public interface IStepCatalog
{
    /// <summary>Every step name a definition may use.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The type a step's options are bound to.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>
    /// A record with a parameterless constructor and init properties, or a record with one constructor parameter, which is bound from the
    /// options as a whole (a list or a dictionary); null for a step without options.
    /// </returns>
    Type? OptionsType(string name);
}
