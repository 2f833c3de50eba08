namespace GlifMl.Estimators;

/// <summary>What the closed form learns of one target from the training rows.</summary>
/// <param name="Target">The target's Allen key.</param>
/// <param name="Coefficient">Label over estimate: the median over the training rows that tell; 1 for El and dt, which no config coefficient changes.</param>
/// <param name="Least">The least training value, SI units; an estimate below it becomes it.</param>
/// <param name="Most">The greatest training value, SI units.</param>
/// <param name="Otherwise">The mean label of the training rows whose trace does not tell, in label units.</param>
/// <param name="Slope">Of the calibration line in label units; 1 without calibration.</param>
/// <param name="Intercept">Of the calibration line in label units; 0 without calibration.</param>
internal sealed record TargetConstants(
    string Target,
    double Coefficient,
    double Least,
    double Most,
    double Otherwise,
    double Slope,
    double Intercept
);
