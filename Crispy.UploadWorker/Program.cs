using Crispy.UploadWorker;

await UploadWorkerApp.Create(args).RunAsync();
